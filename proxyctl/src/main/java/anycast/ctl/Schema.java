package anycast.ctl;

import anycast.routing.document.DocumentReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The JSON Schema of documents, as it is published for editors.
final class Schema {
  private static final String RESOURCE = "virtual-service.schema.json";

  private Schema() {}

  static String text() throws CtlFault {
    try (InputStream in = DocumentReader.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new CtlFault("this tool was packaged without " + RESOURCE);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CtlFault("the schema cannot be read: " + e.getMessage(), e);
    }
  }
}
