package anycast.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import anycast.routing.model.AppId;
import anycast.routing.model.Hostname;
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

/// h2spec, the conformance suite of 146 cases, over TLS against a whole edge.
class H2SpecEdgeTest {
  private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
  private static final int CASES = 140;
  private static final int TAR_BLOCK = 512;

  @TempDir Path folder;

  @Test
  void passesTheConformanceSuite() throws Exception {
    Path program = unpack();
    Path report = folder.resolve("report.xml");
    Path output = folder.resolve("output.txt");
    try (EdgeFixture fixture = new EdgeFixture()) {
      fixture.putCertificate(1, "localhost");
      fixture.put(new Hostname("localhost", new AppId("hello"), 1));
      // Loads classes and libraries, which would cost the first case its deadline.
      assertNull(TlsProbe.of(fixture, new TlsProbe.Offer()).fault());
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "-t",
                  "-k",
                  "-h",
                  "localhost",
                  "-p",
                  Integer.toString(fixture.httpsPort()),
                  "-o",
                  "5",
                  "-j",
                  report.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertTrue(process.waitFor(300, TimeUnit.SECONDS), "h2spec still runs");
    }
    List<String> failures = new ArrayList<>();
    String text = Files.readString(output);
    assertTrue(Files.exists(report), text);
    int run = read(report, failures);
    assertEquals(List.of(), failures, text);
    assertTrue(run >= CASES, "only " + run + " cases ran");
  }

  private static int read(Path report, List<String> failures) throws Exception {
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("testcase");
    int run = 0;
    for (int i = 0; i < cases.getLength(); i++) {
      Element one = (Element) cases.item(i);
      run += has(one, "skipped") ? 0 : 1;
      if (has(one, "failure") || has(one, "error")) {
        failures.add(one.getAttribute("package") + ": " + one.getAttribute("classname"));
      }
    }
    return run;
  }

  private static boolean has(Element one, String name) {
    return one.getElementsByTagName(name).getLength() > 0;
  }

  /// The archive holds one file; tar is blocks of 512 bytes, the name first, the size at 124.
  private Path unpack() throws IOException {
    try (InputStream archive = H2SpecEdgeTest.class.getResourceAsStream(ARCHIVE)) {
      assertNotNull(archive, "h2spec is not on the class path");
      DataInputStream tar = new DataInputStream(new GZIPInputStream(archive));
      byte[] head = new byte[TAR_BLOCK];
      while (true) {
        tar.readFully(head);
        int bytes =
            Integer.parseInt(new String(head, 124, 11, StandardCharsets.US_ASCII).trim(), 8);
        byte[] content = new byte[bytes];
        tar.readFully(content);
        tar.skipNBytes((TAR_BLOCK - bytes % TAR_BLOCK) % TAR_BLOCK);
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
