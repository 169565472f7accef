package anycast.routing.admission;

import anycast.routing.feed.Legible;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;

/// How an entry did harm, in words.
///
/// @param reason one sentence
/// @param detail a stack; several lines
record Harm(String reason, String detail) {
  static Harm of(Outcome<?> outcome, Stage stage) {
    return switch (outcome) {
      case Outcome.Done<?> _ -> new Harm("it did no harm", "");
      case Outcome.Failed<?>(Throwable cause) ->
          new Harm(at(stage) + " threw " + Legible.text(cause.toString()), stack(cause));
      case Outcome.OverBudget<?>(String stack, Duration spent) ->
          new Harm(
              at(stage) + " did not end: given up when it had taken " + spent.toMillis() + " ms",
              stack);
      case Outcome.OutOfMemory<?>(Throwable cause) ->
          new Harm(at(stage) + " wanted more memory than there is", stack(cause));
      case Outcome.NotTried<?>(int abandoned) ->
          new Harm("was not tried: " + abandoned + " compilers do not end", "");
    };
  }

  static Harm of(RuleFaults.Accused accused) {
    return new Harm(
        "rule %s threw %s when requests followed it, %d times"
            .formatted(accused.rule(), Legible.text(accused.first().toString()), accused.count()),
        stack(accused.first()));
  }

  private static String at(Stage stage) {
    return switch (stage) {
      case VALIDATE -> "reading it";
      case COMPILE -> "compiling it";
      case REHEARSE -> "asking the table with it";
      case IDLE, PUBLISH, ROUTE, RULE, PICK, RELAY -> "working on it";
    };
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
