package anycast.ctl;

/// What ends a command: one sentence for the operator, exit code 1.
final class CtlFault extends Exception {
  private static final long serialVersionUID = 1L;

  CtlFault(String sentence) {
    super(sentence);
  }

  CtlFault(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
