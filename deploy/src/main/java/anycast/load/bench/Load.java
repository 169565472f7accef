package anycast.load.bench;

import anycast.demo.FleetFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Runs a load generator once and reads what it says.
///
/// h2load does both protocols and fixed rates; wrk the saturated HTTP/1.1 GETs, where h2load would
/// itself need more processor time than what it measures.
final class Load {
  /// What all hops of all chains use: programs prefer different ones, and they differ in cost.
  static final String CIPHER = "TLS_AES_128_GCM_SHA256";

  /// Read by both generators: wrk has no option for it.
  private static final String OPENSSL =
      """
      openssl_conf = init
      [init]
      ssl_conf = ssl
      [ssl]
      system_default = tls
      [tls]
      MinProtocol = TLSv1.3
      Ciphersuites = %s
      """;

  private final Path dir;
  private final List<String> pin;
  private final Path upload;
  private final Path wrkReport;
  private final Path openssl;

  Load(Path dir, List<String> pin) throws IOException {
    this.dir = dir;
    this.pin = pin;
    this.upload = dir.resolve("upload.bin");
    this.openssl = dir.resolve("openssl.cnf");
    Files.writeString(openssl, OPENSSL.formatted(CIPHER));
    this.wrkReport = dir.resolve("report.lua");
    Files.write(upload, new byte[10_000_000]);
    Files.writeString(
        wrkReport,
        """
        done = function(summary, latency, requests)
          local e = summary.errors
          io.write(string.format("wrk %d %d %f %f %f %d\\n", summary.requests, summary.duration,
            latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
            e.connect + e.read + e.write + e.status + e.timeout))
        end
        """);
  }

  /// What a generator saw; latencies in microseconds.
  record Seen(long done, double seconds, double p50, double p99, double p999, long failed) {}

  /// @param rate requests a second in all, or 0 for as many as possible
  Seen run(BenchCase load, String address, double seconds, double rate)
      throws FleetFault, IOException, InterruptedException {
    if (!load.http2() && load.uploadBytes() == 0 && rate == 0) {
      return wrk(load, address, seconds);
    }
    return h2load(load, address, seconds, rate);
  }

  private Seen wrk(BenchCase load, String address, double seconds)
      throws FleetFault, IOException, InterruptedException {
    String port = address.substring(address.lastIndexOf(':'));
    List<String> command = new ArrayList<>(pin);
    command.addAll(List.of("wrk", "-t1", "-c" + load.connections(), "-d" + whole(seconds) + "s"));
    command.addAll(List.of("--latency", "-s", wrkReport.toString()));
    command.add(load.uri().replace("localhost", "localhost" + port));
    String output = execute(command);
    Matcher told = Pattern.compile("wrk (\\d+) (\\d+) (\\S+) (\\S+) (\\S+) (\\d+)").matcher(output);
    if (!told.find()) {
      throw new FleetFault("wrk did not report:\n" + output);
    }
    return new Seen(
        Long.parseLong(told.group(1)),
        Double.parseDouble(told.group(2)) / 1e6,
        Double.parseDouble(told.group(3)),
        Double.parseDouble(told.group(4)),
        Double.parseDouble(told.group(5)),
        Long.parseLong(told.group(6)));
  }

  private Seen h2load(BenchCase load, String address, double seconds, double rate)
      throws FleetFault, IOException, InterruptedException {
    Path log = dir.resolve("requests.log");
    Files.deleteIfExists(log);
    List<String> command = new ArrayList<>(pin);
    command.addAll(List.of("h2load", "-t1", "-c" + load.connections(), "-m" + load.streams()));
    command.addAll(List.of("-D", Integer.toString(whole(seconds)), "--log-file=" + log));
    command.add("--connect-to=" + address);
    if (!load.http2()) {
      command.add("--h1");
    }
    if (load.uploadBytes() > 0) {
      command.addAll(List.of("-d", upload.toString()));
    }
    if (rate > 0) {
      command.add("--rps=" + rate / load.connections());
    }
    command.add(load.uri());
    String output = execute(command);
    check(output, "Application protocol: " + (load.http2() ? "h2" : "http/1.1"));
    check(output, "TLS Protocol: TLSv1.3");
    check(output, "Cipher: " + CIPHER);
    return seen(Files.readAllLines(log), output, load.http2(), whole(seconds));
  }

  /// From the log: start, status and duration of each request. Over HTTP/1.1, h2load sees no status
  /// where the reason phrase is empty, as HAProxy sends it for an answer that came over HTTP/2:
  /// status 0 is good there. (An error that HAProxy makes itself has a reason.)
  private static Seen seen(List<String> log, String output, boolean http2, int seconds)
      throws FleetFault {
    long[] micros = new long[log.size()];
    int done = 0;
    long failed = number(output, "(\\d+) errored") + number(output, "(\\d+) timeout");
    for (String line : log) {
      String[] columns = line.split("\t");
      if (columns[1].startsWith("2") || !http2 && columns[1].equals("0")) {
        micros[done++] = Long.parseLong(columns[2]);
      } else {
        failed++;
      }
    }
    if (done == 0) {
      throw new FleetFault("h2load saw no good answer:\n" + output);
    }
    long[] sorted = Arrays.copyOf(micros, done);
    Arrays.sort(sorted);
    return new Seen(
        done,
        seconds,
        percentile(sorted, 0.5),
        percentile(sorted, 0.99),
        percentile(sorted, 0.999),
        failed);
  }

  /// The generators count in whole seconds.
  private static int whole(double seconds) {
    return (int) Math.max(1, Math.round(seconds));
  }

  private static void check(String output, String line) throws FleetFault {
    if (!output.contains(line)) {
      throw new FleetFault("h2load did not say '" + line + "':\n" + output);
    }
  }

  private static long number(String output, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(output);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private static double percentile(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }

  private String execute(List<String> command)
      throws FleetFault, IOException, InterruptedException {
    Path output = dir.resolve("load.out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("OPENSSL_CONF", openssl.toString());
    int code = builder.start().waitFor();
    String text = Files.readString(output);
    if (code != 0) {
      throw new FleetFault(String.join(" ", command) + " ended with " + code + ":\n" + text);
    }
    return text;
  }
}
