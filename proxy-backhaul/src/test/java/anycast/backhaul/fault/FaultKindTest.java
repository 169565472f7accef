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

  /// What a worker says must arrive as what it meant.
  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void everyKindSurvivesTheLink(FaultKind kind) {
    assertEquals(kind, FaultKind.ofLinkReset(kind.linkReset()));
  }

  /// Clients get HTTP/2's own codes only.
  @ParameterizedTest
  @EnumSource(FaultKind.class)
  void clientsGetStandardCodes(FaultKind kind) {
    assertTrue(kind.reset() >= 0 && kind.reset() <= 0xd, kind::name);
  }

  /// A code that proves nothing must never allow a retry.
  @Test
  void foreignResetCodesAreUnsafe() {
    for (int code : new int[] {0, 1, 2, 8, 11, 0x414e7777, -1}) {
      assertEquals(FaultKind.LINK_LOST, FaultKind.ofLinkReset(code));
    }
    assertEquals(FaultKind.NOT_PROCESSED, FaultKind.ofLinkReset(7));
  }
}
