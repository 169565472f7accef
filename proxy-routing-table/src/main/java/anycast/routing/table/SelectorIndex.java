package anycast.routing.table;

import anycast.routing.model.Instance;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// Which selectors an instance may satisfy, without asking all of them.
///
/// ```
///   app ──► [equal]   key ──► value ──► slots     app=shop, version=7
///           [present] key ──► slots               app=shop, canary
///           [always]  slots                       app=shop   app=shop, !canary
///   ""  ──► the same for selectors that name no app
/// ```
///
/// Each selector lies under its apps, and there under the one requirement that the fewest instances
/// meet, as far as can be told without looking at them: `instance` before `node` before a written
/// label before `region`, fewer values before more; without such a one, under a label that must be
/// there; else among those that every instance of the app is tried against. By app first, because
/// it is the tenants who write selectors: however many one of them writes, the instances of the
/// others are not tried against them.
///
/// **Threading.** Immutable. An [Edit] is one thread's.
final class SelectorIndex {
  static final SelectorIndex EMPTY = new SelectorIndex(Named.map());

  /// Stands for no app; apps have names.
  private static final String ANY = "";

  private static final int[] NONE = {};

  private final ShardMap<Named<Buckets>> apps;

  /// Selectors of one app. Immutable once it is published.
  private record Buckets(
      Map<String, Map<String, int[]>> equal, Map<String, int[]> present, int[][] always) {
    private Buckets() {
      this(new HashMap<>(), new HashMap<>(), new int[][] {NONE});
    }

    Buckets copy() {
      Map<String, Map<String, int[]>> copy = new HashMap<>();
      equal.forEach((key, values) -> copy.put(key, new HashMap<>(values)));
      return new Buckets(copy, new HashMap<>(present), always.clone());
    }

    boolean isEmpty() {
      return equal.isEmpty() && present.isEmpty() && always[0].length == 0;
    }

    void each(Instance instance, IntConsumer each) {
      tell(always[0], each);
      for (Map.Entry<String, int[]> entry : present.entrySet()) {
        if (instance.label(entry.getKey()) != null) {
          tell(entry.getValue(), each);
        }
      }
      for (Map.Entry<String, Map<String, int[]>> entry : equal.entrySet()) {
        String value = instance.label(entry.getKey());
        int[] slots = value == null ? null : entry.getValue().get(value);
        if (slots != null) {
          tell(slots, each);
        }
      }
    }

    private static void tell(int[] slots, IntConsumer each) {
      for (int slot : slots) {
        each.accept(slot);
      }
    }
  }

  private SelectorIndex(ShardMap<Named<Buckets>> apps) {
    this.apps = apps;
  }

  boolean isEmpty() {
    return apps.size() == 0;
  }

  /// Tells the slots of all selectors that the instance satisfies, and of some that it does not;
  /// none twice.
  void each(Instance instance, IntConsumer each) {
    Named<Buckets> own = apps.find(instance.app().name(), 0);
    if (own != null) {
      own.value.each(instance, each);
    }
    Named<Buckets> any = apps.find(ANY, 0);
    if (any != null) {
      any.value.each(instance, each);
    }
  }

  /// The apps that a selector names; empty where it names none.
  static List<String> apps(LabelSelector selector) {
    Requirement.In best = null;
    for (Requirement one : selector.requirements()) {
      if (one instanceof Requirement.In in
          && in.key().equals("app")
          && (best == null || in.values().size() < best.values().size())) {
        best = in;
      }
    }
    return best == null ? List.of() : List.copyOf(best.values());
  }

  /// The requirement under which a selector lies; null = always.
  private static Requirement anchor(LabelSelector selector) {
    Requirement best = null;
    int least = Integer.MAX_VALUE;
    for (Requirement one : selector.requirements()) {
      int cost = cost(one);
      if (cost < least) {
        best = one;
        least = cost;
      }
    }
    return best;
  }

  /// Less is more selective; the largest number = no use.
  private static int cost(Requirement requirement) {
    return switch (requirement) {
      case Requirement.In in -> {
        int values = Math.min(in.values().size(), 1 << 16);
        yield switch (in.key()) {
          case "app" -> Integer.MAX_VALUE;
          case "instance" -> values;
          case "node" -> (1 << 20) + values;
          case "region" -> (3 << 20) + values;
          default -> (2 << 20) + values;
        };
      }
      case Requirement.Present present ->
          LabelSelector.BUILT_IN.contains(present.key()) ? Integer.MAX_VALUE : 4 << 20;
      case Requirement.NotIn _, Requirement.Absent _ -> Integer.MAX_VALUE;
    };
  }

  Edit edit() {
    return new Edit(this);
  }

  /// **Ownership.** One thread's; not used after [#freeze].
  static final class Edit {
    private final SelectorIndex base;
    private final Map<String, Buckets> touched = new HashMap<>();

    private Edit(SelectorIndex base) {
      this.base = base;
    }

    void add(int slot, LabelSelector selector) {
      for (Buckets buckets : buckets(selector)) {
        change(buckets, anchor(selector), slot, true);
      }
    }

    void remove(int slot, LabelSelector selector) {
      for (Buckets buckets : buckets(selector)) {
        change(buckets, anchor(selector), slot, false);
      }
    }

    SelectorIndex freeze() {
      if (touched.isEmpty()) {
        return base;
      }
      ShardMap.Edit<Named<Buckets>> apps = base.apps.edit();
      touched.forEach((app, buckets) -> {
        if (!buckets.isEmpty()) {
          apps.put(new Named<>(app, buckets));
        } else if (apps.find(app) != null) {
          apps.remove(apps.find(app));
        }
      });
      return new SelectorIndex(apps.freeze());
    }

    private List<Buckets> buckets(LabelSelector selector) {
      List<String> names = apps(selector);
      List<Buckets> all = new ArrayList<>(Math.max(1, names.size()));
      for (String app : names.isEmpty() ? List.of(ANY) : names) {
        all.add(
            touched.computeIfAbsent(
                app,
                name -> {
                  Named<Buckets> known = base.apps.find(name, 0);
                  return known == null ? new Buckets() : known.value.copy();
                }));
      }
      return all;
    }

    private static void change(Buckets buckets, Requirement anchor, int slot, boolean add) {
      switch (anchor) {
        case null -> buckets.always[0] = changed(buckets.always[0], slot, add);
        case Requirement.In(String key, var values) -> {
          Map<String, int[]> byValue = buckets.equal.computeIfAbsent(key, _ -> new HashMap<>());
          values.forEach(value -> change(byValue, value, slot, add));
          if (byValue.isEmpty()) {
            buckets.equal.remove(key);
          }
        }
        case Requirement.Present(String key) -> change(buckets.present, key, slot, add);
        case Requirement.NotIn _, Requirement.Absent _ ->
            throw new IllegalStateException("no anchor: " + anchor);
      }
    }

    private static void change(Map<String, int[]> of, String name, int slot, boolean add) {
      int[] next = changed(of.getOrDefault(name, NONE), slot, add);
      if (next.length == 0) {
        of.remove(name);
      } else {
        of.put(name, next);
      }
    }

    private static int[] changed(int[] slots, int slot, boolean add) {
      if (add) {
        int[] more = Arrays.copyOf(slots, slots.length + 1);
        more[slots.length] = slot;
        return more;
      }
      return Arrays.stream(slots).filter(one -> one != slot).toArray();
    }
  }
}
