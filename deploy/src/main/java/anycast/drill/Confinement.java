package anycast.drill;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What its unit takes from a process, as the kernel says it of the one that runs.
final class Confinement {
  /// In `/proc/PID/status`: no capability, none to be had, and a filter of system calls.
  private static final List<String> TAKEN =
      List.of("CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");

  private Confinement() {}

  /// Looks at the main process of a unit, and tells what it complained about.
  static void check(Systemd systemd, String unit, Findings findings) throws FleetFault {
    Path process = Path.of("/proc", Long.toString(systemd.show(unit).pid()));
    try {
      String status = Files.readString(process.resolve("status"));
      for (String line : TAKEN) {
        findings.expect(status.contains(line), unit + " has " + line.replace('\t', ' '));
      }
      findings.expect(!status.contains("Uid:\t0"), unit + " is not root's");
      boolean readOnly =
          Files.readAllLines(process.resolve("mountinfo")).stream()
              .anyMatch(line -> line.matches(".* / / ro[ ,].*"));
      findings.expect(readOnly, unit + " cannot write to /");
    } catch (IOException e) {
      throw new FleetFault("nothing can be read of " + unit, e);
    }
    systemd
        .journal(unit)
        .lines()
        .filter(line -> line.contains("WARN") || line.contains("ERROR"))
        .forEach(line -> findings.say("  it says: " + line));
  }
}
