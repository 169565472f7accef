package anycast.backhaul.runtime;

import anycast.routing.admission.ContentHash;
import anycast.routing.admission.HeldEntry;
import anycast.routing.admission.QuarantineDesk;
import anycast.routing.admission.QuarantineEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A desk that has what the test says, and remembers what was released.
final class ScriptedDesk implements QuarantineDesk {
  volatile List<QuarantineEntry> entries = List.of();
  volatile List<HeldEntry> held = List.of();
  volatile Tally tally = Tally.NONE;
  final Map<ContentHash, String> documents = new HashMap<>();
  final List<ContentHash> released = new ArrayList<>();
  volatile boolean releases = true;

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
