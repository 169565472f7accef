package anycast.ctl.supervise;

/// Where a service is in its life; [ServiceLife] draws the ways between them.
enum ServiceState {
  /// No process, and none is wanted.
  STOPPED("stopped"),
  /// No process yet: the next start waits.
  BACKOFF("backing off"),
  /// A process that has not said READY=1.
  STARTING("starting"),
  READY("ready"),
  /// It missed its beat, and waits until the host lets it be killed.
  SILENT("silent"),
  /// It was asked for a dump by SIGQUIT, and has a moment to write it.
  DUMPING("dumping"),
  /// It was sent SIGKILL.
  KILLING("killed"),
  /// It was sent SIGTERM, or said STOPPING=1.
  STOPPING("stopping");

  private final String label;

  ServiceState(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
