package anycast.routing.admission;

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
import anycast.routing.model.VirtualService;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// An entity's content as bytes in one order, digested. Each text comes with its length, so that no
/// two contents have the same bytes; labels are sorted, since their order says nothing and differs
/// between processes.
///
/// **Threading.** One per call.
final class Digest {
  private final MessageDigest digest;
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

  private Digest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java platform has SHA-256", e);
    }
  }

  static ContentHash of(Entity entity) {
    Digest digest = new Digest();
    digest.add(entity);
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest.digest());
    return new ContentHash(bytes.getLong(), bytes.getLong());
  }

  private void add(Entity entity) {
    switch (entity) {
      case App a -> texts("app", a.id().name());
      case Service s -> service(s);
      case Instance i -> instance(i);
      case Node n ->
          texts("node", n.id().value(), n.region().code(), n.role().name(), n.backhaul());
      case Hostname h -> texts("hostname", h.name(), h.app().name());
      case Certificate c -> texts("certificate", c.name(), c.chainPem(), c.keyPem());
      case VirtualService v -> texts("virtual service", v.name(), v.document());
      case AppRegion r -> {
        texts("app region", r.app().name(), r.node().value(), r.region().code());
        number(r.instances());
      }
      case InstanceHealth h ->
          texts(
              "instance health",
              h.node().value(),
              h.instance().value(),
              h.status().name(),
              h.detail());
      case Cordon c -> texts("cordon", c.node().value(), c.instance().value(), c.reason());
    }
  }

  private void service(Service s) {
    texts("service", s.app().name(), s.id(), s.protocol().name());
    number(s.ports().size());
    s.ports().forEach(this::number);
    number(s.internalPort());
    number(s.forceHttps() ? 1 : 0);
    number(s.softLimit());
    number(s.hardLimit());
    value(s.policy());
  }

  /// A policy is records all the way down, of numbers, texts, lists, maps and sets.
  private void value(Object value) {
    switch (value) {
      case null -> texts("null");
      case Record r -> record(r);
      case List<?> list -> {
        number(list.size());
        list.forEach(this::value);
      }
      case Map<?, ?> map -> {
        TreeMap<String, Object> sorted = new TreeMap<>();
        map.forEach((key, of) -> sorted.put(key.toString(), of));
        number(sorted.size());
        sorted.forEach((key, of) -> {
          texts(key);
          value(of);
        });
      }
      case Set<?> set -> {
        number(set.size());
        texts(set.stream().map(Object::toString).sorted().toArray(String[]::new));
      }
      default -> texts(value.toString());
    }
  }

  private void record(Record record) {
    texts(record.getClass().getSimpleName());
    for (RecordComponent part : record.getClass().getRecordComponents()) {
      try {
        value(part.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("the records of the model are public", e);
      }
    }
  }

  private void instance(Instance i) {
    texts(
        "instance",
        i.id().value(),
        i.app().name(),
        i.node().value(),
        i.region().code(),
        i.address(),
        i.state().name());
    number(i.port());
    number(i.labels().size());
    new TreeMap<>(i.labels()).forEach((key, value) -> texts(key, value));
  }

  private void texts(String... texts) {
    for (String text : texts) {
      // Two bytes a character: lone surrogates differ too.
      byte[] bytes = text.getBytes(StandardCharsets.UTF_16BE);
      number(bytes.length);
      digest.update(bytes);
    }
  }

  private void number(long value) {
    digest.update(number.clear().putLong(value).flip());
  }
}
