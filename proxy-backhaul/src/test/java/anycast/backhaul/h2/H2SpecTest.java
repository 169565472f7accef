package anycast.backhaul.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// h2spec, the conformance suite of 146 cases, against our server.
class H2SpecTest {
  private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

  @TempDir Path folder;

  @Test
  void passesTheConformanceSuite() throws Exception {
    Path program = unpack();
    Path report = folder.resolve("report.xml");
    Path output = folder.resolve("output.txt");
    try (Loopback server = new Loopback(() -> Loopback.echo(H2Limits.publicSide()))) {
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "-h",
                  "127.0.0.1",
                  "-p",
                  Integer.toString(server.port()),
                  "-o",
                  "2",
                  "-j",
                  report.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertTrue(process.waitFor(300, TimeUnit.SECONDS), "h2spec still runs");
    }
    String text = Files.readString(output);
    List<String> failures = new ArrayList<>();
    int run = read(report, failures);
    assertEquals(List.of(), failures, text);
    assertTrue(run >= 140, "only " + run + " cases ran");
  }

  private static int read(Path report, List<String> failures) throws Exception {
    int run = 0;
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element one = (Element) cases.item(i);
      if (one.getElementsByTagName("skipped").getLength() > 0) {
        continue;
      }
      run++;
      boolean failed =
          one.getElementsByTagName("failure").getLength() > 0
              || one.getElementsByTagName("error").getLength() > 0;
      if (failed) {
        failures.add(one.getAttribute("package") + ": " + one.getAttribute("classname"));
      }
    }
    return run;
  }

  // The archive holds one file; tar is 512-byte blocks, name first, size in octal at 124.
  private Path unpack() throws IOException {
    try (InputStream archive = H2SpecTest.class.getResourceAsStream(ARCHIVE)) {
      assertNotNull(archive, "h2spec is not on the class path");
      DataInputStream tar = new DataInputStream(new GZIPInputStream(archive));
      byte[] head = new byte[512];
      while (true) {
        tar.readFully(head);
        String size = new String(head, 124, 11, StandardCharsets.US_ASCII).trim();
        int bytes = Integer.parseInt(size, 8);
        byte[] content = new byte[bytes];
        tar.readFully(content);
        tar.skipNBytes((512 - bytes % 512) % 512);
        if (new String(head, 0, 100, StandardCharsets.US_ASCII).trim().endsWith("h2spec")) {
          Path program = folder.resolve("h2spec");
          Files.write(program, content);
          assertTrue(program.toFile().setExecutable(true));
          return program;
        }
      }
    }
  }
}
