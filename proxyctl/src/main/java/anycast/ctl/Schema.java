package anycast.ctl;

import anycast.routing.document.DocumentReader;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;

/// The JSON Schema of documents, as it is published for editors, with the `name` that a file may
/// give each.
final class Schema {
  private static final String RESOURCE = "virtual-service.schema.json";

  private Schema() {}

  static String text() throws CtlFault {
    try (InputStream in = DocumentReader.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new CtlFault("this tool was packaged without " + RESOURCE);
      }
      ObjectMapper json = new ObjectMapper();
      ObjectNode schema = (ObjectNode) json.readTree(in);
      ((ObjectNode) schema.at("/$defs/document/properties"))
          .putObject("name")
          .put("type", "string")
          .put("pattern", "^" + Sheet.NAME.pattern() + "$")
          .put("description", "What proxyctl writes it under; else the file's name.");
      return json.writerWithDefaultPrettyPrinter().writeValueAsString(schema);
    } catch (IOException e) {
      throw new CtlFault("the schema cannot be read: " + e.getMessage(), e);
    }
  }
}
