package anycast.routing.admission;

import java.time.Duration;

/// What came of a work that was given to the compiler.
public sealed interface Outcome<T> {
  /// It ended within its budget.
  record Done<T>(T value) implements Outcome<T> {}

  /// It threw: an exception, or an error that its input brought about.
  record Failed<T>(Throwable cause) implements Outcome<T> {}

  /// It was given up; its thread may still be at it.
  ///
  /// @param stack of the thread, a line a frame; a sentence where the thread could not be asked
  /// @param spent what was charged to it: CPU time and time blocked
  record OverBudget<T>(String stack, Duration spent) implements Outcome<T> {}

  /// It wanted more memory than there is.
  record OutOfMemory<T>(Throwable cause) implements Outcome<T> {}

  /// It was not tried: so many threads were given up and have not ended that no more are risked.
  record NotTried<T>(int abandoned) implements Outcome<T> {}
}
