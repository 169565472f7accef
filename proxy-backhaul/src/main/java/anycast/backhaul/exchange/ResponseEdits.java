package anycast.backhaul.exchange;

import anycast.backhaul.head.ResponseHead;

/// What a process writes into each final response head that it passes on.
@FunctionalInterface
public interface ResponseEdits {
  /// Edits the head's fields in place; on the exchange's event loop.
  void edit(ResponseHead head, Arrival arrival);

  /// A worker passes heads on as they are.
  static ResponseEdits none() {
    return (head, arrival) -> {};
  }
}
