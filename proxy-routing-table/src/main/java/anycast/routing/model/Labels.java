package anycast.routing.model;

/// What selectors look at: the labels of one instance.
///
/// **Threading.** Immutable. A look-up allocates nothing.
public interface Labels {
  /// @return the label's value, which may be empty; null where there is no such label
  String label(String key);
}
