package anycast.backhaul.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/// The variables; real sockets are inherited by the processes of other tests.
class InheritedSocketsTest {
  private static final long PID = 4711;

  private static InheritedSockets of(String... variables) throws IOException {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return InheritedSockets.of(environment, PID);
  }

  private static String refused(String... variables) {
    String sentence = assertThrows(IOException.class, () -> of(variables)).getMessage();
    assertEquals(-1, sentence.indexOf('\n'), sentence);
    return sentence;
  }

  @Test
  void whatIsMeantForAnotherProcessIsNotTaken() throws Exception {
    for (String pid : new String[] {"4712", "", "+4711", "4711 ", "04711", "x"}) {
      InheritedSockets sockets =
          of("LISTEN_PID", pid, "LISTEN_FDS", "1", "LISTEN_FDNAMES", "https");
      assertEquals(OptionalInt.empty(), sockets.take("https"));
      sockets.checkAllTaken();
    }
    assertEquals(OptionalInt.empty(), of("LISTEN_FDS", "1").take("unknown"));
  }

  @Test
  void saysWhatIsWrongWithItsVariables() {
    for (String count : new String[] {"", "-1", "x", "254", "99999999999", "1 "}) {
      String sentence = refused("LISTEN_PID", "4711", "LISTEN_FDS", count);
      assertTrue(sentence.startsWith("LISTEN_FDS wants a number from 0 to 253"), sentence);
    }
    assertEquals(
        "LISTEN_FDNAMES has 1 names for 2 sockets",
        refused("LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "https"));
    // As many as no test process has open: some of them are no sockets.
    String sentence = refused("LISTEN_PID", "4711", "LISTEN_FDS", "253");
    assertTrue(sentence.startsWith("inherited descriptor "), sentence);
  }

  @Test
  void noneIsNone() throws Exception {
    of("LISTEN_PID", "4711", "LISTEN_FDS", "0").checkAllTaken();
    of("LISTEN_PID", "4711", "LISTEN_FDS", "0", "LISTEN_FDNAMES", "").checkAllTaken();
  }

  @Property(tries = 500)
  void noVariableDoesMoreThanToBeRefused(@ForAll String pid, @ForAll String names) {
    Map<String, String> environment =
        Map.of("LISTEN_PID", pid, "LISTEN_FDS", "1", "LISTEN_FDNAMES", names);
    try {
      InheritedSockets.of(environment, PID).checkAllTaken();
    } catch (IOException e) {
      assertTrue(e.getMessage().indexOf('\n') < 0, e.getMessage());
    }
  }

  @Property(tries = 500)
  void noCountDoesMoreThanToBeRefused(@ForAll String count, @ForAll String names) {
    Map<String, String> environment =
        Map.of("LISTEN_PID", "4711", "LISTEN_FDS", count + "x", "LISTEN_FDNAMES", names);
    String sentence =
        assertThrows(IOException.class, () -> InheritedSockets.of(environment, PID)).getMessage();
    assertTrue(sentence.indexOf('\n') < 0, sentence);
  }
}
