package anycast.routing.poison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.ChildJvm;
import anycast.routing.model.rule.Poison;
import anycast.routing.model.rule.RuleSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each fault does what its name says: in a process of its own where nobody comes back from it.
@Timeout(60)
final class StrikeTest {
  private Process victim;

  @AfterEach
  void end() throws InterruptedException {
    if (victim != null) {
      victim.destroyForcibly().waitFor();
    }
  }

  @Test
  void strikesOnlyWhereItIsMeantTo() {
    Strike.at(Poison.At.COMPILE, (Poison) null);
    Strike.at(Poison.At.COMPILE, RuleSet.NONE);
    for (Poison.Kind kind : Poison.Kind.values()) {
      Strike.at(Poison.At.COMPILE, new Poison(kind, Poison.At.REQUEST));
    }
    Poison poison = new Poison(Poison.Kind.THROW, Poison.At.REQUEST);
    assertThrows(IllegalStateException.class, () -> Strike.at(Poison.At.REQUEST, poison));
  }

  @ParameterizedTest
  @EnumSource(names = {"LOCK", "HANG"})
  void neverComesBackAndCanBeSeenInItsStack(Poison.Kind kind) throws IOException {
    List<String> said = said(kind, "that is its stack", "no stack comes");
    String frame = "frame anycast.routing.poison.Strike." + kind.name().toLowerCase();
    assertTrue(said.stream().anyMatch(line -> line.startsWith(frame)), said::toString);
  }

  /// With the collector and both compilers that the fleet runs with.
  @Test
  void spinsWithoutASafepointSoThatNoStackComes() throws IOException {
    assertEquals(
        List.of("stuck", "no stack comes"),
        said(Poison.Kind.SPIN, "that is its stack", "no stack comes"));
  }

  @Test
  void exhaustsMemory() throws IOException, InterruptedException {
    said(Poison.Kind.MEMORY, "Terminating due to java.lang.OutOfMemoryError: Java heap space");
    assertTrue(victim.waitFor(30, TimeUnit.SECONDS));
    assertEquals(3, victim.exitValue());
  }

  /// All lines up to one of `last`.
  private List<String> said(Poison.Kind kind, String... last) throws IOException {
    victim =
        new ProcessBuilder(
                ChildJvm.mortal(
                    "KILL",
                    ChildJvm.command(
                        List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:+ExitOnOutOfMemoryError"),
                        Victim.class,
                        kind)))
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    BufferedReader reader = victim.inputReader(StandardCharsets.UTF_8);
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
      if (List.of(last).contains(line)) {
        return lines;
      }
    }
    throw new AssertionError("ended without a word: " + lines);
  }
}
