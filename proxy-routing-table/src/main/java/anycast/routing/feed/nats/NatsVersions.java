package anycast.routing.feed.nats;

import anycast.routing.feed.CellJson;
import anycast.routing.feed.Cells;
import anycast.routing.feed.Table;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Rows that are written only where they stand as their writer saw them, and a bucket of the
/// versions that they had: `PREFIX-virtual_service_versions`, an entry a version, which no proxy
/// follows.
///
/// **Threading.** One caller. **Faults.** An `IOException` in words.
public final class NatsVersions {
  private static final String TABLE = "virtual_service_versions";

  /// The server's codes for "written by someone else since".
  private static final int WRONG_REVISION = 10_071;

  private static final int NO_MESSAGE = 10_037;

  private static final JsonFactory JSON = new JsonFactory();

  private final NatsConfig config;
  private final NatsLink link;

  NatsVersions(NatsConfig config, NatsLink link) {
    this.config = config;
    this.link = link;
  }

  /// An entry as it stands.
  ///
  /// @param cells null where there is none
  /// @param revision of its last write or removal; 0 = it never was
  public record Held(Cells cells, long revision) {}

  /// The entry of a row whose key is one cell.
  public Held find(Table table, String name) throws IOException {
    Connection connection = link.connection();
    String bucket = config.bucket(table);
    String key = KeyToken.of(List.of(name));
    try {
      MessageInfo last =
          NatsLink.management(connection)
              .getLastMessage(Delivery.stream(bucket), Delivery.subject(bucket, key));
      boolean gone = last.getHeaders() != null && last.getHeaders().containsKey("KV-Operation");
      return new Held(gone ? null : RowJson.read(table, key, last.getData()), last.getSeq());
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == NO_MESSAGE) {
        return new Held(null, 0);
      }
      throw refused(bucket, e);
    }
  }

  /// Writes a row where the entry's revision still is this one.
  ///
  /// @return whether it was so
  public boolean put(Table table, List<Object> cells, long revision) throws IOException {
    return changed(
        table, bucket -> bucket.update(RowJson.key(table, cells), RowJson.value(cells), revision));
  }

  /// Removes a row where the entry's revision still is this one.
  ///
  /// @return whether it was so
  public boolean remove(Table table, String name, long revision) throws IOException {
    return changed(table, bucket -> bucket.delete(KeyToken.of(List.of(name)), revision));
  }

  private interface Writing {
    void to(KeyValue bucket) throws IOException, JetStreamApiException;
  }

  private boolean changed(Table table, Writing writing) throws IOException {
    try {
      writing.to(link.connection().keyValue(config.bucket(table)));
      return true;
    } catch (JetStreamApiException e) {
      if (e.getApiErrorCode() == WRONG_REVISION) {
        return false;
      }
      throw refused(config.bucket(table), e);
    }
  }

  /// Keeps a version: its name, its generation, its document, its author and more cells. One that
  /// is there already stays, unless it has no author: then it was kept for a change that lost.
  public void keep(List<Object> cells) throws IOException {
    try {
      KeyValue bucket = bucket();
      String key = key((String) cells.get(0), (Long) cells.get(1));
      KeyValueEntry there = bucket.get(key);
      if (there == null || isUnclaimed(there)) {
        bucket.put(key, RowJson.value(cells));
      }
    } catch (JetStreamApiException e) {
      throw refused(name(), e);
    }
  }

  private static boolean isUnclaimed(KeyValueEntry entry) throws IOException {
    return !(cells(entry.getValue()) instanceof Cells.Values(var values))
        || values.size() < 4
        || "".equals(values.get(3));
  }

  /// All versions of a name, in no order; what cannot be read is left out.
  public List<List<Object>> read(String name) throws IOException, InterruptedException {
    List<List<Object>> versions = new ArrayList<>();
    try {
      KeyValue bucket = bucket();
      for (String key : bucket.keys(KeyToken.of(List.of(name, "")).replaceAll("=$", "*"))) {
        KeyValueEntry entry = bucket.get(key);
        if (entry != null && cells(entry.getValue()) instanceof Cells.Values(var values)) {
          versions.add(values);
        }
      }
      return versions;
    } catch (JetStreamApiException e) {
      throw refused(name(), e);
    }
  }

  /// Removes the versions of a name up to a generation.
  public void forget(String name, long generation) throws IOException, InterruptedException {
    for (List<Object> version : read(name)) {
      if (version.get(1) instanceof Long old && old <= generation) {
        try {
          bucket().purge(key(name, old));
        } catch (JetStreamApiException e) {
          throw refused(name(), e);
        }
      }
    }
  }

  private String name() {
    return config.bucketPrefix() + "-" + TABLE;
  }

  private static String key(String name, long generation) {
    return KeyToken.of(List.of(name, Long.toString(generation)));
  }

  private static Cells cells(byte[] value) throws IOException {
    try (JsonParser json = JSON.createParser(value)) {
      return json.nextToken() == JsonToken.START_ARRAY
          ? CellJson.read(json)
          : new Cells.Unreadable("not an array of cells");
    }
  }

  /// Made where it is not there.
  private KeyValue bucket() throws IOException, JetStreamApiException {
    Connection connection = link.connection();
    try {
      BucketFacts.of(connection, name());
    } catch (JetStreamApiException e) {
      if (!BucketFacts.isMissing(e)) {
        throw e;
      }
      connection
          .keyValueManagement()
          .create(
              KeyValueConfiguration.builder()
                  .name(name())
                  .description("versions of virtual services")
                  .maxHistoryPerKey(1)
                  .maximumValueSize(NatsState.MAX_VALUE_BYTES)
                  .replicas(config.replicas())
                  .build());
    }
    return connection.keyValue(name());
  }

  private static IOException refused(String bucket, JetStreamApiException e) {
    return new IOException(BucketFacts.words(bucket, e), e);
  }
}
