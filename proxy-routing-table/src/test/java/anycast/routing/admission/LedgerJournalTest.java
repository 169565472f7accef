package anycast.routing.admission;

import static anycast.routing.admission.Cast.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.VirtualService;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A ledger whose disk fails, or whose journal is damaged or long.
final class LedgerJournalTest {
  private static final LastEnd ORDERLY = new LastEnd(LastEnd.Kind.ORDERLY, List.of());

  private final Proxy proxy = new Proxy("edge-1").start(LastEnd.NONE);

  @Test
  void diskThatRefusesCostsTheJournalAndNothingElse() {
    proxy.disk.refuseAfter(0, "No space left on device");
    assertInstanceOf(Verdict.Admit.class, proxy.tellOne(rules("a", 1)));
    assertEquals("not written: No space left on device", proxy.ledger.view().journal());
    proxy.disk.healed();
    proxy.beats(5);
    assertFalse(proxy.ledger.view().journal().isEmpty(), "tried again every half minute");
    proxy.tell(rules("b", 1));
    proxy.beats(26);
    proxy.tell(rules("c", 1));
    assertEquals("", proxy.ledger.view().journal());
    proxy.crash();
    assertEquals(1, proxy.ledger.view().suspects(), "a and b were stable when it was mended");
  }

  @Test
  void journalWhoseFileIsTakenAwayIsWrittenAnew() throws Exception {
    proxy.quarantined(rules("a", 1));
    for (String name : List.copyOf(proxy.disk.list())) {
      proxy.disk.delete(name);
    }
    proxy.beats(31);
    proxy.crash();
    assertTrue(proxy.isOut(rules("a", 1)));
  }

  @Test
  void damageInTheMiddleOfAJournalCostsOneRecord() {
    proxy.quarantined(rules("a", 1));
    proxy.quarantined(rules("b", 1));
    proxy.ledger.close();
    String name = proxy.disk.list().getFirst();
    byte[] bytes = proxy.disk.bytes(name);
    bytes[bytes.length - 60] ^= 1;
    proxy.disk.put(name, bytes);
    proxy.start(ORDERLY);
    assertEquals(1, proxy.ledger.view().quarantined().size());
    assertTrue(proxy.ledger.view().notes().getFirst().contains("wrong checksum"));
  }

  @Test
  void journalIsWrittenAnewWhenItHasGrown() {
    VirtualService large = new VirtualService("a", "#".repeat(900_000), 1);
    for (int i = 0; i < 40; i++) {
      proxy.tell(new VirtualService("a", i + large.document(), i));
      proxy.beats(11);
    }
    proxy.tell(rules("a", 1));
    long size = proxy.disk.bytes(proxy.disk.list().getFirst()).length;
    assertTrue(size < 40 << 20, "is " + size);
    assertEquals(1, proxy.disk.list().size());
    proxy.crash();
    assertEquals(1, proxy.ledger.view().suspects());
  }
}
