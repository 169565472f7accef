package anycast.routing.feed.lastgood;

import anycast.routing.feed.PolicyJson;
import anycast.routing.model.App;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.Node;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Entities as bytes, one behind the other, in a buffer that grows.
///
/// ```
///  entity:  length of the rest │ kind │ fields in the record's order
///  text:    characters * 2 + wide │ a byte each, or two where one is beyond ASCII
///  number:  seven bits a byte, low ones first; signed ones fold their sign into bit 0
/// ```
///
/// **Threading.** Its owner's.
final class EntityWriter {
  /// One byte says the kind; the numbers are the format's and never change their meaning.
  enum Kind {
    APP(1),
    SERVICE(2),
    INSTANCE(3),
    NODE(4),
    HOSTNAME(5),
    CERTIFICATE(6),
    VIRTUAL_SERVICE(7),
    APP_REGION(8),
    /// A service with the policy that it has; one with the usual policy is a `SERVICE`, which
    /// programs before this kind read too.
    SERVICE_WITH_POLICY(9),
    INSTANCE_HEALTH(10),
    CORDON(11);

    private static final Kind[] KINDS = values();

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /// @return null where no kind has it
    static Kind of(int code) {
      return code < 1 || code > KINDS.length ? null : KINDS[code - 1];
    }
  }

  /// States and roles as the format knows them: by place, whatever order the enums take.
  static final List<Instance.State> STATES =
      List.of(
          Instance.State.CREATED,
          Instance.State.STARTED,
          Instance.State.STOPPING,
          Instance.State.STOPPED,
          Instance.State.DESTROYED);

  static final List<InstanceHealth.Status> STATUSES =
      List.of(
          InstanceHealth.Status.PASSING,
          InstanceHealth.Status.FAILING,
          InstanceHealth.Status.LAGGING);

  static final List<Node.Role> ROLES = List.of(Node.Role.EDGE, Node.Role.WORKER);
  static final List<Service.AppProtocol> PROTOCOLS =
      List.of(Service.AppProtocol.HTTP1, Service.AppProtocol.H2C);

  private static final int FIRST_BYTES = 1 << 12;
  private static final int LENGTH_BYTES = 4;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int end;

  /// Forgets what was written.
  void clear() {
    end = 0;
  }

  int size() {
    return end;
  }

  /// What was written; valid until the next call.
  ByteBuffer written() {
    return ByteBuffer.wrap(bytes, 0, end);
  }

  void add(Entity entity) {
    int start = end;
    room(LENGTH_BYTES);
    end += LENGTH_BYTES;
    switch (entity) {
      case App a -> {
        kind(Kind.APP);
        text(a.id().name());
      }
      case Service s -> service(s);
      case Instance i -> instance(i);
      case Node n -> {
        kind(Kind.NODE);
        text(n.id().value());
        text(n.region().code());
        number(ROLES.indexOf(n.role()));
        text(n.backhaul());
      }
      case Hostname h -> {
        kind(Kind.HOSTNAME);
        text(h.name());
        text(h.app().name());
      }
      case Certificate c -> {
        kind(Kind.CERTIFICATE);
        text(c.name());
        text(c.chainPem());
        text(c.keyPem());
      }
      case VirtualService v -> {
        kind(Kind.VIRTUAL_SERVICE);
        text(v.name());
        text(v.document());
      }
      case AppRegion r -> {
        kind(Kind.APP_REGION);
        text(r.app().name());
        text(r.node().value());
        text(r.region().code());
        signed(r.instances());
      }
      case InstanceHealth h -> {
        kind(Kind.INSTANCE_HEALTH);
        text(h.node().value());
        text(h.instance().value());
        number(STATUSES.indexOf(h.status()));
        text(h.detail());
      }
      case Cordon c -> {
        kind(Kind.CORDON);
        text(c.node().value());
        text(c.instance().value());
        text(c.reason());
      }
    }
    signed(entity.generation());
    ByteBuffer.wrap(bytes).putInt(start, end - start - LENGTH_BYTES);
  }

  private void service(Service s) {
    boolean usual = s.policy().equals(ServicePolicy.USUAL);
    kind(usual ? Kind.SERVICE : Kind.SERVICE_WITH_POLICY);
    text(s.app().name());
    text(s.id());
    number(s.ports().size());
    for (int port : s.ports()) {
      signed(port);
    }
    signed(s.internalPort());
    number(PROTOCOLS.indexOf(s.protocol()));
    number(s.forceHttps() ? 1 : 0);
    signed(s.softLimit());
    signed(s.hardLimit());
    if (!usual) {
      text(PolicyJson.encode(s.policy()));
    }
  }

  private void instance(Instance i) {
    kind(Kind.INSTANCE);
    text(i.id().value());
    text(i.app().name());
    text(i.node().value());
    text(i.region().code());
    text(i.address());
    signed(i.port());
    number(STATES.indexOf(i.state()));
    number(i.labels().size());
    for (Map.Entry<String, String> label : i.labels().entrySet()) {
      text(label.getKey());
      text(label.getValue());
    }
  }

  private void kind(Kind kind) {
    room(1);
    bytes[end++] = (byte) kind.code;
  }

  private void signed(long value) {
    number(value << 1 ^ value >> 63);
  }

  private void number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[end++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[end++] = (byte) rest;
  }

  /// Wide text goes char by char: lone surrogates come back as they went, which no charset does.
  private void text(String text) {
    int length = text.length();
    boolean wide = !ascii(text);
    number((long) length << 1 | (wide ? 1 : 0));
    room(wide ? length * 2 : length);
    if (wide) {
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        bytes[end++] = (byte) (c >> 8);
        bytes[end++] = (byte) c;
      }
    } else {
      byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(encoded, 0, bytes, end, length);
      end += length;
    }
  }

  private static boolean ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7f) {
        return false;
      }
    }
    return true;
  }

  private void room(int more) {
    if (bytes.length - end < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + more));
    }
  }
}
