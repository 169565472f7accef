package anycast.demo;

/// What a demo app speaks.
public enum AppProtocol {
  HTTP1("http1"),
  H2C("h2c");

  private final String column;

  AppProtocol(String column) {
    this.column = column;
  }

  /// How the services table writes it.
  String column() {
    return column;
  }

  @Override
  public String toString() {
    return column;
  }
}
