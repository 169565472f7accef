package anycast.ctl;

import anycast.routing.feed.Decoded;
import anycast.routing.feed.RowCodec;
import anycast.routing.feed.Table;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.rule.LabelSelector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All instances that a state knows, at one time. Rows that no proxy can use are left out.
final class Roll {
  private final List<Enrolled> all = new ArrayList<>();

  static Roll read(Ledger ledger) throws IOException, InterruptedException {
    Map<String, InstanceHealth> health = new HashMap<>();
    for (Entity entity : entities(ledger, Table.INSTANCE_HEALTH)) {
      InstanceHealth one = (InstanceHealth) entity;
      health.put(key(one.node().value(), one.instance().value()), one);
    }
    Map<String, Cordon> cordons = new HashMap<>();
    for (Entity entity : entities(ledger, Table.CORDONS)) {
      Cordon one = (Cordon) entity;
      cordons.put(key(one.node().value(), one.instance().value()), one);
    }
    Roll roll = new Roll();
    for (Entity entity : entities(ledger, Table.INSTANCES)) {
      Instance instance = (Instance) entity;
      String key = key(instance.node().value(), instance.id().value());
      roll.all.add(new Enrolled(instance, health.get(key), cordons.get(key)));
    }
    roll.all.sort(
        Comparator.comparing((Enrolled one) -> one.instance().id().value())
            .thenComparing(one -> one.instance().node().value()));
    return roll;
  }

  /// The rows of a table that proxies can use.
  static List<Entity> entities(Ledger ledger, Table table)
      throws IOException, InterruptedException {
    List<Entity> entities = new ArrayList<>();
    for (StateRow row : ledger.read(table)) {
      if (RowCodec.decode(table, row.stored().cells()) instanceof Decoded.Routed(Entity entity)) {
        entities.add(entity);
      }
    }
    return entities;
  }

  private static String key(String node, String instance) {
    return node + "/" + instance;
  }

  /// Those with these ids; an id alone means each row of it, `NODE/ID` one.
  Set<Enrolled> named(List<String> ids) throws CtlFault {
    Set<Enrolled> named = new LinkedHashSet<>();
    List<String> unknown = new ArrayList<>();
    for (String id : ids) {
      List<Enrolled> rows = all.stream().filter(one -> isCalled(one, id)).toList();
      named.addAll(rows);
      if (rows.isEmpty()) {
        unknown.add(id);
      }
    }
    if (!unknown.isEmpty()) {
      throw new CtlFault(
          "no instance is called "
              + String.join(", ", unknown)
              + "; nothing was changed. `proxyctl instances` lists them");
    }
    return named;
  }

  private static boolean isCalled(Enrolled one, String id) {
    String name = one.instance().id().value();
    return name.equals(id) || key(one.instance().node().value(), name).equals(id);
  }

  /// Those that a list of ids names, else those that a label selector takes.
  Set<Enrolled> chosen(String text) throws CtlFault {
    List<String> words = List.of(text.split("\\s*,\\s*"));
    if (words.stream().allMatch(word -> all.stream().anyMatch(one -> isCalled(one, word)))) {
      return named(words);
    }
    LabelSelector selector;
    try {
      selector = LabelSelector.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CtlFault(
          "'" + text + "' is neither ids of instances nor a label selector: " + e.getMessage(), e);
    }
    Set<Enrolled> chosen = new LinkedHashSet<>();
    all.stream().filter(one -> selector.matches(one.instance())).forEach(chosen::add);
    if (chosen.isEmpty()) {
      throw new CtlFault(
          "no instance has the labels of '"
              + text
              + "'; nothing was changed."
              + " `proxyctl instances` lists them");
    }
    return chosen;
  }
}
