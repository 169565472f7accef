package anycast.backhaul.head;

/// A response without its body. `status` 101 answers an upgrade: the bytes after it are the other
/// protocol's, in both directions; other 1xx are informational and followed by another head.
///
/// @param status three digits
/// @param fields all fields but the hop-by-hop ones; `content-length` stays and has been validated
public record ResponseHead(int status, Fields fields) {
  /// Whether another head follows.
  public boolean informational() {
    return status < 200 && status != 101;
  }
}
