package anycast.backhaul.exchange;

/// Where records go.
///
/// **Threading.** Event loops call it; it must not block.
public interface ExchangeLog {
  /// Whether a record is to be made; asked first, as most exchanges end well and unread.
  boolean wants(boolean faulty);

  /// Whether one of an exchange that ended well after another attempt had failed is to be made.
  default boolean wantsRetried() {
    return wants(false);
  }

  void ended(ExchangeRecord entry);

  /// Nobody reads.
  static ExchangeLog none() {
    return new ExchangeLog() {
      @Override
      public boolean wants(boolean faulty) {
        return false;
      }

      @Override
      public void ended(ExchangeRecord entry) {}
    };
  }
}
