package anycast.edge.request;

import anycast.routing.model.ServicePolicy;

/// By what a request belongs together with others.
///
/// A client without the cookie gets one with a value that is random and says nothing: which
/// instance it leads to is decided anew by hashing, so that a full or dead instance sheds its
/// clients, and no client can choose.
///
/// @param key hash that pickers take; 0 = it belongs to nothing
/// @param cookie that the client shall keep: a whole `Set-Cookie`; null = none
record Affinity(long key, String cookie) {
  static final Affinity NONE = new Affinity(0, null);

  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int VALUE_CHARS = 13;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /// What a policy makes of a request.
  static Affinity of(ServicePolicy.Affinity policy, Asked asked, Moment now) {
    return switch (policy.kind()) {
      case NONE -> NONE;
      case HEADER -> {
        CharSequence value = asked.header(policy.name(), 0);
        yield value == null || value.isEmpty() ? NONE : new Affinity(hash(value), null);
      }
      case COOKIE -> {
        CharSequence value = asked.cookie(policy.name(), 0);
        yield value == null || value.isEmpty()
            ? fresh(policy.name(), asked.arrival().tls(), now)
            : new Affinity(hash(value), null);
      }
    };
  }

  private static Affinity fresh(String name, boolean tls, Moment now) {
    char[] value = new char[VALUE_CHARS];
    long bits = now.bits(Moment.Use.AFFINITY);
    for (int i = 0; i < VALUE_CHARS; i++) {
      value[i] = DIGITS[(int) (bits & 31)];
      bits >>>= 5;
    }
    String text = new String(value);
    return new Affinity(
        hash(text),
        name + "=" + text + "; Path=/; HttpOnly; SameSite=Lax" + (tls ? "; Secure" : ""));
  }

  /// The same for the same text on every edge; never 0.
  static long hash(CharSequence text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    long mixed = Moment.mixed(hash);
    return mixed == 0 ? 1 : mixed;
  }
}
