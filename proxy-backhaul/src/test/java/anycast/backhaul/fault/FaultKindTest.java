package anycast.backhaul.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultKindTest {
  @Test
  void everyKindHasACodeOfItsOwn() {
    Set<String> seen = new HashSet<>();
    for (FaultKind kind : FaultKind.values()) {
      assertTrue(kind.code().matches("P[A-Z][0-9]{2}"), kind::code);
      assertTrue(seen.add(kind.code()), () -> "twice: " + kind.code());
    }
  }

  /// What a worker says must arrive as what it meant: kinds of its side have their own reset code.
  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void workerKindsSurviveTheLink(FaultKind kind) {
    switch (kind.side()) {
      case WORKER, APP -> assertEquals(kind, FaultKind.ofReset(kind.reset()));
      case CLIENT, EDGE, BACKHAUL -> assertTrue((kind.reset() & 0xffff0000) == 0);
    }
  }

  /// A code that proves nothing must never allow a retry.
  @Test
  void foreignResetCodesAreUnsafe() {
    for (int code : new int[] {0, 1, 2, 8, 11, 0x414e7777, -1}) {
      assertEquals(FaultKind.LINK_LOST, FaultKind.ofReset(code));
    }
    assertEquals(FaultKind.NOT_PROCESSED, FaultKind.ofReset(7));
  }
}
