package anycast.routing.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.feed.RejectRow;
import anycast.routing.feed.RowCodec;
import anycast.routing.model.NodeId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RejectsTest {
  private static final NodeId NODE = new NodeId("w1");

  private static QuarantineEntry entry(long number, String key, String reason) {
    return new QuarantineEntry(
        new ContentHash(number, 7),
        "virtual_services",
        key,
        Stage.REHEARSE,
        reason,
        "at a.B.c(B.java:1)\nsecret of this host",
        1_000 + number,
        2_000,
        true);
  }

  @Test
  void theNewestComeFirstAndSayWhatTheAuthorNeeds() {
    List<RejectRow> rows =
        Rejects.rows(NODE, List.of(entry(1, "shop", "it hangs"), entry(2, "blog", "it throws")));
    assertEquals(
        new RejectRow(
            NODE,
            "0000000000000002" + "0000000000000007",
            "virtual_services",
            "blog",
            "rehearse",
            "it throws",
            1_002,
            1_002),
        rows.getFirst());
    assertEquals("shop", rows.getLast().key());
  }

  @Test
  void whatATenantWroteFitsItsColumnAndMovesNoCursor() {
    String key = "\u001b[2J" + "k".repeat(2_000);
    String reason = "line\nline \ud800" + "r".repeat(5_000);
    RejectRow row = Rejects.rows(NODE, List.of(entry(1, key, reason))).getFirst();
    assertEquals(RejectRow.MAX_KEY, row.key().length());
    assertTrue(row.key().startsWith("?[2Jk"), row.key());
    assertEquals(RejectRow.MAX_REASON, row.reason().length());
    assertTrue(row.reason().startsWith("line?line ?r"), row.reason());
    assertEquals(Optional.of(row), RowCodec.reject(RowCodec.encode(row)));
  }
}
