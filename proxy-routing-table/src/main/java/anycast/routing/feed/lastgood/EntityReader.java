package anycast.routing.feed.lastgood;

import anycast.routing.document.DocumentReading;
import anycast.routing.feed.PolicyJson;
import anycast.routing.model.App;
import anycast.routing.model.AppId;
import anycast.routing.model.AppRegion;
import anycast.routing.model.Certificate;
import anycast.routing.model.Cordon;
import anycast.routing.model.Entity;
import anycast.routing.model.Hostname;
import anycast.routing.model.Instance;
import anycast.routing.model.InstanceHealth;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Node;
import anycast.routing.model.NodeId;
import anycast.routing.model.RegionCode;
import anycast.routing.model.Service;
import anycast.routing.model.ServicePolicy;
import anycast.routing.model.VirtualService;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Bytes of an [EntityWriter] as entities.
///
/// Values that many entities have in common (apps, nodes, regions, addresses, labels) come out as
/// one object: a million instances would otherwise be some 200 MB more.
///
/// **Threading.** Its owner's. **Faults.** `IllegalArgumentException` with a sentence for anything
/// that no writer wrote or the model refuses; never another one.
final class EntityReader {
  /// Combinations of labels that are remembered.
  private static final int MAX_LABELS = 1 << 14;

  private final Shared<AppId> apps = new Shared<>(AppId::new);
  private final Shared<NodeId> nodes = new Shared<>(NodeId::new);
  private final Shared<RegionCode> regions = new Shared<>(RegionCode::new);
  private final Shared<String> texts = new Shared<>(text -> text);

  /// By their bytes; a fleet has few combinations.
  private final Map<ByteBuffer, Map<String, String>> labels = new HashMap<>();

  private final DocumentReading documents;
  private byte[] bytes = {};
  private int at;
  private int end;

  /// @param documents reads those of virtual services
  EntityReader(DocumentReading documents) {
    this.documents = documents;
  }

  /// Reads from here on; the array must stay as it is meanwhile.
  void read(byte[] from, int start, int length) {
    bytes = from;
    at = start;
    end = start + length;
  }

  boolean hasMore() {
    return at < end;
  }

  /// Where the next entity ends; whatever is wrong with it, reading may go on there.
  ///
  /// @return -1 where its length does not fit: what follows cannot be told apart
  int nextEnd() {
    if (end - at < Integer.BYTES) {
      return -1;
    }
    int length =
        (bytes[at] & 0xff) << 24
            | (bytes[at + 1] & 0xff) << 16
            | (bytes[at + 2] & 0xff) << 8
            | bytes[at + 3] & 0xff;
    int first = at + Integer.BYTES;
    return length < 1 || length > end - first ? -1 : first + length;
  }

  /// Goes to where [#nextEnd] said.
  void skipTo(int position) {
    at = position;
  }

  /// The next entity, which ends at `stop`.
  Entity next(int stop) {
    int limit = end;
    at += Integer.BYTES;
    end = stop;
    try {
      int code = bytes[at++];
      EntityWriter.Kind kind = EntityWriter.Kind.of(code);
      if (kind == null) {
        throw new IllegalArgumentException("unknown kind " + code);
      }
      Entity entity = entity(kind);
      if (at != stop) {
        throw new IllegalArgumentException((stop - at) + " bytes too many");
      }
      return entity;
    } finally {
      end = limit;
    }
  }

  private Entity entity(EntityWriter.Kind kind) {
    return switch (kind) {
      case APP -> new App(apps.of(this), signed());
      case SERVICE -> service(false);
      case SERVICE_WITH_POLICY -> service(true);
      case INSTANCE -> instance();
      case NODE ->
          new Node(nodes.of(this), regions.of(this), oneOf(EntityWriter.ROLES), text(), signed());
      case HOSTNAME -> new Hostname(text(), apps.of(this), signed());
      case CERTIFICATE -> new Certificate(text(), text(), text(), signed());
      case VIRTUAL_SERVICE -> virtualService();
      case APP_REGION ->
          new AppRegion(apps.of(this), nodes.of(this), regions.of(this), signedInt(), signed());
      case INSTANCE_HEALTH ->
          new InstanceHealth(
              nodes.of(this),
              new InstanceId(text()),
              oneOf(EntityWriter.STATUSES),
              text(),
              signed());
      case CORDON -> new Cordon(nodes.of(this), new InstanceId(text()), text(), signed());
    };
  }

  private VirtualService virtualService() {
    String name = text();
    String document = text();
    return new VirtualService(name, document, signed(), documents.rules(name, document));
  }

  private Service service(boolean withPolicy) {
    AppId app = apps.of(this);
    String id = texts.of(this);
    int count = count();
    List<Integer> ports = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ports.add(signedInt());
    }
    int internalPort = signedInt();
    Service.AppProtocol protocol = oneOf(EntityWriter.PROTOCOLS);
    boolean forceHttps = number() != 0;
    int soft = signedInt();
    int hard = signedInt();
    ServicePolicy policy = withPolicy ? PolicyJson.decode(text()) : ServicePolicy.USUAL;
    return new Service(
        app, id, ports, internalPort, protocol, forceHttps, soft, hard, signed(), policy);
  }

  private Instance instance() {
    return new Instance(
        new InstanceId(text()),
        apps.of(this),
        nodes.of(this),
        regions.of(this),
        texts.of(this),
        signedInt(),
        oneOf(EntityWriter.STATES),
        labels(),
        signed());
  }

  private Map<String, String> labels() {
    int count = count();
    if (count == 0) {
      return Map.of();
    }
    int start = at;
    for (int i = 0; i < count; i++) {
      skipText();
      skipText();
    }
    Map<String, String> known = labels.get(ByteBuffer.wrap(bytes, start, at - start));
    if (known == null) {
      byte[] written = Arrays.copyOfRange(bytes, start, at);
      at = start;
      Map<String, String> fresh = HashMap.newHashMap(count);
      for (int i = 0; i < count; i++) {
        fresh.put(texts.of(this), texts.of(this));
      }
      known = Map.copyOf(fresh);
      if (labels.size() == MAX_LABELS) {
        labels.clear();
      }
      labels.put(ByteBuffer.wrap(written), known);
    }
    return known;
  }

  private <T> T oneOf(List<T> values) {
    long index = number();
    if (index < 0 || index >= values.size()) {
      throw new IllegalArgumentException("unknown value " + index);
    }
    return values.get((int) index);
  }

  private int signedInt() {
    long value = signed();
    if (value != (int) value) {
      throw new IllegalArgumentException("a number that is too large: " + value);
    }
    return (int) value;
  }

  /// Of things that have a byte each at least.
  private int count() {
    long count = number();
    if (count < 0 || count > end - at) {
      throw new IllegalArgumentException("more things than bytes: " + count);
    }
    return (int) count;
  }

  private long signed() {
    long folded = number();
    return folded >>> 1 ^ -(folded & 1);
  }

  private long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at == end) {
        throw new IllegalArgumentException("a number that does not end");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number that is too long");
  }

  /// Reads a text's head.
  ///
  /// @return its characters, times two, plus one where they have two bytes each
  private long textHead() {
    long head = number();
    boolean wide = (head & 1) != 0;
    if (head >>> 1 > (wide ? (end - at) / 2 : end - at)) {
      throw new IllegalArgumentException("a text that is longer than its entity");
    }
    return head;
  }

  private void skipText() {
    long head = textHead();
    at += (int) (head >>> 1) << (head & 1);
  }

  private String text() {
    long head = textHead();
    int chars = (int) (head >>> 1);
    if ((head & 1) == 0) {
      at += chars;
      return latin(at - chars, chars);
    }
    char[] text = new char[chars];
    for (int i = 0; i < chars; i++) {
      text[i] = (char) ((bytes[at++] & 0xff) << 8 | bytes[at++] & 0xff);
    }
    return new String(text);
  }

  private String latin(int start, int length) {
    return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
  }

  /// Values seen lately, found by their bytes.
  private static final class Shared<T> {
    /// A quarter of a megabyte of references each; what does not fit is made anew, nothing worse.
    private static final int PLACES = 1 << 15;

    /// Longer ones are seldom the same.
    private static final int MAX_BYTES = 64;

    private final Function<String, T> maker;
    private final String[] names = new String[PLACES];
    private final Object[] values = new Object[PLACES];

    Shared(Function<String, T> maker) {
      this.maker = maker;
    }

    @SuppressWarnings("unchecked") // only `maker` fills the places
    T of(EntityReader in) {
      int start = in.at;
      long head = in.number();
      int length = (int) Math.min(Integer.MAX_VALUE, head >>> 1);
      if ((head & 1) != 0 || length > MAX_BYTES || length > in.end - in.at) {
        in.at = start;
        return maker.apply(in.text());
      }
      int place = place(in.bytes, in.at, length);
      String name = names[place];
      if (name == null || !same(name, in.bytes, in.at, length)) {
        name = in.latin(in.at, length);
        T made = maker.apply(name);
        names[place] = name;
        values[place] = made;
      }
      in.at += length;
      return (T) values[place];
    }

    private static int place(byte[] bytes, int start, int length) {
      int hash = 0;
      for (int i = start; i < start + length; i++) {
        hash = 31 * hash + bytes[i];
      }
      return (hash ^ hash >>> 15) & PLACES - 1;
    }

    private static boolean same(String name, byte[] bytes, int start, int length) {
      if (name.length() != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (name.charAt(i) != (bytes[start + i] & 0xff)) {
          return false;
        }
      }
      return true;
    }
  }
}
