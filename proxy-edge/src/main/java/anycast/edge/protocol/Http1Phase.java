package anycast.edge.protocol;

/// Where an HTTP/1 connection stands.
///
/// ```
///          head read               response ended, request has not
///   HEAD ─────────────► EXCHANGE ─────────────────────────────────► REST
///    ▲ ▲                   │ │                                      │ │
///    │ └──── both ended ───┘ │ to be closed                         │ │ too much
///    │                       ▼                                      │ ▼
///    └───── rest read ───────┼──────────────────────────────────────┘ │
///                            └──► LINGER ◄────────────────────────────┘
///                                    └──► CLOSED
/// ```
enum Http1Phase {
  /// Awaits a request, or the rest of its head.
  HEAD,
  EXCHANGE,

  /// Drops the rest of a body that nobody wants any more, to keep the connection.
  REST,

  /// Our last byte is out; drops what comes until the client closes.
  LINGER,
  CLOSED
}
