package anycast.routing.table;

/// Where the entries of a [ShardMap] keep their key and its [KeyHash].
///
/// **Threading.** Pure; the two implementations have one instance each, so calls are inlined.
sealed interface Layout<E> permits HostRecord.Records, Named.Entries {
  int hash(E entry);

  boolean is(E entry, byte[] key, int start, int length);

  /// @param start the key is the text from here on
  boolean is(E entry, String key, int start);

  boolean sameKey(E one, E other);
}
