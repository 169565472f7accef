package anycast.drill;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// systemd, as an operator asks and orders it.
///
/// **Threading.** Any; calls wait for `systemctl`. **Faults.** A [FleetFault] where it refuses.
final class Systemd {
  private static final Path UNITS = Path.of("/etc/systemd/system");
  private static final String ASKED =
      "ActiveState,SubState,StatusText,MainPID,NRestarts,Result,ExecMainCode,ExecMainStatus";

  private final PrintStream out;

  /// What `systemctl show` says of a unit.
  ///
  /// @param status the process' own words
  /// @param pid 0 = nothing runs
  /// @param restarts since an operator started it
  /// @param result `success`, or what went wrong last
  record Unit(String active, String sub, String status, long pid, int restarts, String result) {
    private static Unit of(Map<String, String> told) {
      return new Unit(
          told.getOrDefault("ActiveState", ""),
          told.getOrDefault("SubState", ""),
          told.getOrDefault("StatusText", ""),
          Long.parseLong(told.getOrDefault("MainPID", "0")),
          Integer.parseInt(told.getOrDefault("NRestarts", "0")),
          told.getOrDefault("Result", ""));
    }

    boolean runs() {
      return active.equals("active") && sub.equals("running");
    }

    /// It rests, and rests because it was asked to.
    boolean restsWell() {
      return active.equals("inactive") && result.equals("success");
    }
  }

  Systemd(PrintStream out) {
    this.out = out;
  }

  Unit show(String unit) throws FleetFault {
    Map<String, String> told = new HashMap<>();
    for (String line : run("systemctl", "show", unit, "--property", ASKED).split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        told.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return Unit.of(told);
  }

  /// Runs `systemctl` and shows what it was told.
  void order(String... arguments) throws FleetFault {
    List<String> command = new ArrayList<>(List.of("systemctl"));
    command.addAll(List.of(arguments));
    out.println("$ " + String.join(" ", command));
    run(command.toArray(String[]::new));
  }

  /// Adds settings to a unit, as `systemctl edit` would.
  void edit(String unit, String settings) throws FleetFault {
    Path folder = UNITS.resolve(unit + ".d");
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("drill.conf"), settings);
    } catch (IOException e) {
      throw new FleetFault(unit + " could not be edited", e);
    }
    order("daemon-reload");
  }

  /// What the unit's processes and systemd wrote.
  String journal(String unit) throws FleetFault {
    run("journalctl", "--sync");
    return run("journalctl", "--unit", unit, "--output", "cat", "--no-pager");
  }

  private static String run(String... command) throws FleetFault {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new FleetFault(String.join(" ", command) + " failed: " + said.strip());
      }
      return said;
    } catch (IOException e) {
      throw new FleetFault(command[0] + " could not be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FleetFault("interrupted while " + command[0] + " ran");
    }
  }
}
