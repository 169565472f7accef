package anycast.tidy;

import anycast.tidy.ByteCode.Call;
import anycast.tidy.ByteCode.Id;
import anycast.tidy.ByteCode.Lambda;
import anycast.tidy.ByteCode.Method;
import anycast.tidy.ByteCode.Shape;
import anycast.tidy.ByteCode.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All that an event loop can reach, and what of it blocks.
///
/// A call of an interface goes to each class of the product that is one, a call of a functional
/// interface to each lambda that fits; so more is reached than ever runs, and what is not reached
/// does not run. A lambda is reached where it is made, unless it is given to another thread there;
/// so is what an object answers to the JDK. A class is initialised where it is touched.
final class LoopReach {
  /// A way that is not walked, and why.
  ///
  /// @param method as `class.method`
  record Exempt(String method, String reason) {}

  private static final String EXECUTOR = "java/util/concurrent/Executor";

  private final ByteCode code;
  private final List<Exempt> exempt;
  private final Map<Id, Id> from = new LinkedHashMap<>();
  private final Deque<Id> open = new ArrayDeque<>();
  private final Map<String, List<Lambda>> lambdas = new HashMap<>();
  private final Flow flow;

  /// By type: the places where one is made.
  private final Map<String, Set<String>> makers = new HashMap<>();

  private final Map<String, Integer> used = new HashMap<>();
  private final List<String> found = new ArrayList<>();
  private final Set<String> ran = new HashSet<>();

  /// Whose methods are not called by whoever gets one made; of the last, those that are calls.
  private static final Set<String> NOT_ANSWERED =
      Set.of(
          "java/lang/Object",
          "java/lang/Record",
          "java/lang/Runnable",
          "java/lang/Thread",
          "java/lang/AutoCloseable",
          "java/io/Closeable",
          "java/util/concurrent/Callable");

  LoopReach(ByteCode code, List<Exempt> exempt) {
    this.code = code;
    this.exempt = exempt;
    this.flow = new Flow(code);
    for (Type type : code.types().values()) {
      for (Method method : type.methods().values()) {
        method
            .lambdas()
            .forEach(
                each -> lambdas.computeIfAbsent(each.face(), _ -> new ArrayList<>()).add(each));
        for (Call call : method.calls()) {
          if (call.to().name().equals("<init>")) {
            makers
                .computeIfAbsent(call.to().owner(), _ -> new HashSet<>())
                .add(Flow.place(type.name()));
          }
        }
      }
    }
  }

  /// All that is given to an event loop to run: what it is made of comes to a class that gives such
  /// things to loops, or that is given itself.
  void enterTasks() {
    Set<String> givers = new HashSet<>();
    for (Type type : code.types().values()) {
      for (Method method : type.methods().values()) {
        if (method.calls().stream().anyMatch(call -> isGivenToLoop(call.to()))) {
          givers.add(Flow.place(type.name()));
        }
      }
    }
    for (String face : List.of("java/lang/Runnable", "java/util/concurrent/Callable")) {
      String name = face.equals("java/lang/Runnable") ? "run" : "call";
      for (Lambda lambda : lambdas.getOrDefault(face, List.of())) {
        if (!isGivenAway(lambda)
            && givers.stream().anyMatch(to -> flow.leads(face, origin(lambda), to))) {
          run(lambda, null);
        }
      }
      for (String type : code.below(face)) {
        if (!code.above(type).contains("java/lang/Thread")
            && givers.stream().anyMatch(to -> comes(face, type, to))) {
          code.types().get(type).methods().values().stream()
              .filter(method -> method.id().name().equals(name))
              .forEach(method -> reach(method.id(), null));
        }
      }
    }
  }

  private boolean isGivenToLoop(Id call) {
    return (call.type().contains("Ljava/lang/Runnable;")
            || call.type().contains("Ljava/util/concurrent/Callable;"))
        && (code.above(call.owner()).contains("io/netty/util/concurrent/EventExecutorGroup")
            || call.owner().equals(EXECUTOR));
  }

  /// An entry point.
  void enter(Id method) {
    reach(method, null);
  }

  /// A lambda that a loop runs.
  void enter(Lambda lambda) {
    run(lambda, null);
  }

  /// Everything that blocks, each with the way to it, after all entries were named.
  List<String> walk() {
    while (!open.isEmpty()) {
      Method method = code.find(open.remove());
      if (method.isLocking()) {
        found.add("is synchronized, so it waits for whoever has the monitor:" + way(method.id()));
      }
      if (method.shape() == Shape.NATIVE) {
        found.add("is native, so nobody sees what it does:" + way(method.id()));
      }
      method.touched().forEach(type -> initialise(type, method.id()));
      for (Call call : method.calls()) {
        check(call.to(), method.id());
        follow(call, method.id());
      }
      for (Lambda lambda : method.lambdas()) {
        if (!isGivenAway(lambda)) {
          run(lambda, method.id());
        }
      }
    }
    return found;
  }

  private void check(Id call, Id by) {
    String why = Blocking.why(code, call);
    if (why.isEmpty() && Blocking.isComputing(call)) {
      boolean shared =
          makers.getOrDefault(Blocking.SHARED_MAP, Set.of()).contains(Flow.place(by.owner()));
      why = shared ? Blocking.COMPUTES : "";
    }
    if (!why.isEmpty() && !isExempt(by)) {
      found.add("calls " + call + ", which " + why + ":" + way(by));
    }
  }

  /// What a lambda does: a method of its own, or one that is named and may be anybody's below.
  private void run(Lambda lambda, Id by) {
    if (!isFirst(lambda, by)) {
      return;
    }
    check(lambda.body(), by == null ? lambda.body() : by);
    reach(lambda.body(), by);
    follow(new Call(lambda.body(), false, ""), by == null ? lambda.body() : by);
  }

  /// Each from each place once: a lambda may be run in many.
  private boolean isFirst(Lambda lambda, Id by) {
    return ran.add(lambda.body() + " " + lambda.face() + " " + by);
  }

  /// A class that is touched may not be initialised yet.
  private void initialise(String type, Id by) {
    reach(new Id(type, "<clinit>", "()V"), by);
  }

  /// Where one is made, the JDK may call it at once: a comparator, a trust manager. A task is
  /// another thread's where it is given to one, and found by [#enterTasks] where not.
  private void answer(Type type, Id by) {
    for (String up : code.above(type.name())) {
      if (!code.types().containsKey(up) && !NOT_ANSWERED.contains(up)) {
        type.methods().values().stream()
            .filter(method -> ByteCode.declares(up, method))
            .forEach(method -> reach(method.id(), by));
      }
    }
  }

  Set<Id> reached() {
    return from.keySet();
  }

  /// Exemptions that nothing needs any more.
  List<String> unused() {
    return exempt.stream().map(Exempt::method).filter(each -> !used.containsKey(each)).toList();
  }

  private void follow(Call call, Id by) {
    Id to = call.to();
    if (call.isDirect()) {
      Method method = code.resolve(to.owner(), to.name(), to.type());
      if (method != null) {
        reach(method.id(), by);
      }
      return;
    }
    if (to.owner().equals("java/lang/Object")) {
      return; // everybody is one
    }
    String place = Flow.place(by.owner());
    for (String type : code.below(to.owner())) {
      Method method = code.resolve(type, to.name(), to.type());
      if (method != null && comes(to.owner(), type, place)) {
        reach(method.id(), by);
      }
    }
    for (Lambda lambda : lambdas.getOrDefault(to.owner(), List.of())) {
      if (lambda.sam().equals(to.name())
          && fits(lambda, call.cast())
          && !isGivenAway(lambda)
          && (!Flow.isFace(to.owner()) || flow.leads(to.owner(), origin(lambda), place))) {
        run(lambda, by);
      }
    }
  }

  /// Whether an object of this type can be what is called there: one of the JDK's functional
  /// interfaces must have come from where it was made.
  private boolean comes(String face, String type, String place) {
    return !Flow.isFace(face)
        || makers.getOrDefault(type, Set.of()).stream()
            .anyMatch(maker -> flow.leads(face, maker, place));
  }

  /// Where a lambda goes from: who takes it, or else who made it.
  private static String origin(Lambda lambda) {
    boolean taken = lambda.taker() != null && lambda.taker().owner().startsWith("anycast/");
    return Flow.place(taken ? lambda.taker().owner() : lambda.body().owner());
  }

  private boolean fits(Lambda lambda, String cast) {
    return cast.isEmpty()
        || lambda.result().isEmpty()
        || code.above(lambda.result()).contains(cast)
        || code.above(cast).contains(lambda.result());
  }

  /// To a thread of its own, or to a pool: what runs there may block.
  private boolean isGivenAway(Lambda lambda) {
    Id taker = lambda.taker();
    if (taker == null) {
      return false;
    }
    Set<String> above = code.above(taker.owner());
    boolean toLoop = above.contains("io/netty/util/concurrent/EventExecutorGroup");
    // A bare Executor may be a loop, or run what it gets at once.
    boolean toThread =
        taker.owner().startsWith("java/lang/Thread")
            || taker.owner().equals("java/lang/Runtime")
            || taker.owner().equals("java/util/concurrent/CompletableFuture")
                && taker.name().endsWith("Async")
                && !taker.type().contains("L" + EXECUTOR + ";")
            || above.contains("java/util/concurrent/ExecutorService");
    return toThread && !toLoop;
  }

  private void reach(Id method, Id by) {
    if (code.find(method) != null && !from.containsKey(method) && !isExempt(method)) {
      from.put(method, by);
      open.add(method);
      initialise(method.owner(), by);
      if (method.name().equals("<init>")) {
        answer(code.types().get(method.owner()), by);
      }
    }
  }

  private boolean isExempt(Id method) {
    for (Exempt each : exempt) {
      if (method.toString().equals(each.method())) {
        used.merge(each.method(), 1, Integer::sum);
        return true;
      }
    }
    return false;
  }

  /// From the entry down, a line each.
  private String way(Id to) {
    Deque<String> steps = new ArrayDeque<>();
    for (Id at = to; at != null; at = from.get(at)) {
      steps.push(at.toString());
    }
    return "\n      " + String.join("\n   -> ", steps);
  }
}
