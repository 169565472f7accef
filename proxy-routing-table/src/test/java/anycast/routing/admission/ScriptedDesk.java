package anycast.routing.admission;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A desk that has what the test says, and remembers what was released.
public final class ScriptedDesk implements QuarantineDesk {
  public volatile List<QuarantineEntry> entries = List.of();
  public volatile List<HeldEntry> held = List.of();
  public volatile Tally tally = Tally.NONE;
  public final Map<ContentHash, String> documents = new ConcurrentHashMap<>();
  public final List<ContentHash> released = new CopyOnWriteArrayList<>();
  public volatile boolean releases = true;

  @Override
  public List<QuarantineEntry> entries() {
    return entries;
  }

  @Override
  public List<HeldEntry> held() {
    return held;
  }

  @Override
  public Optional<String> document(ContentHash hash) {
    return Optional.ofNullable(documents.get(hash));
  }

  @Override
  public boolean release(ContentHash hash) {
    released.add(hash);
    return releases;
  }

  @Override
  public Tally tally() {
    return tally;
  }
}
