package anycast.routing.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The published schema and the reader say the same of a document, as far as a schema can.
final class SchemaTest {
  private static final JsonNode SCHEMA = schemaJson();

  private static final JsonSchema VALIDATOR =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(SCHEMA);

  @Test
  void isASchema() {
    JsonSchema meta =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertEquals(Set.of(), meta.validate(SCHEMA));
  }

  @Test
  void knowsTheKeysThatTheReaderKnows() {
    for (Shape shape : Shape.values()) {
      JsonNode definition = SCHEMA.path("$defs").path(shape.name().toLowerCase(Locale.ROOT));
      Set<String> keys = new HashSet<>();
      definition.path("properties").fieldNames().forEachRemaining(keys::add);
      assertEquals(new HashSet<>(shape.keys()), keys, shape.name());
      assertEquals(false, definition.path("additionalProperties").asBoolean(true), shape.name());
    }
  }

  @Test
  void hasTheReadersLimits() {
    JsonNode document = SCHEMA.path("$defs").path("document").path("properties");
    assertEquals(DocumentReader.MAX_HOSTS, document.path("hosts").path("maxItems").asInt());
    assertEquals(DocumentReader.MAX_RULES, document.path("rules").path("maxItems").asInt());
    JsonNode text = SCHEMA.path("$defs").path("text");
    assertEquals(Value.MAX_TEXT, text.path("maxLength").asInt());
    JsonNode path = SCHEMA.path("$defs").path("pathText");
    assertEquals(Paths.MAX_CHARS, path.path("maxLength").asInt());
  }

  @Test
  void describesEachKeyOfARule() {
    SCHEMA
        .path("$defs")
        .path("rule")
        .path("properties")
        .properties()
        .forEach(key -> assertTrue(key.getValue().has("description"), key.getKey()));
  }

  @ParameterizedTest
  @FieldSource("anycast.routing.document.Samples#GOOD")
  void bothTakeWhatIsGood(String text) {
    assertInstanceOf(DocumentRead.Valid.class, DocumentReader.read(text), () -> said(text));
    assertEquals(Set.of(), VALIDATOR.validate(json(text)));
  }

  @ParameterizedTest
  @FieldSource("anycast.routing.document.Samples#BAD")
  void bothRefuseWhatIsBad(String text) {
    assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(text));
    assertTrue(!VALIDATOR.validate(json(text)).isEmpty(), "the schema takes it");
  }

  /// What one part demands of another, and what a pattern cannot say.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "to: [ { selector: 'a b' } ]",
        "to: [ { selector: a, weight: 0 } ]",
        "{ match: { path: { exact: /a } }, to: [ { selector: a } ], rewrite: { prefix: /b } }",
        "{ match: { path: { exact: /a/../b } }, to: [ { selector: a } ] }",
        "{ match: { path: /%41 }, to: [ { selector: a } ] }",
        "{ to: [ { selector: a } ], timeout: 0s }",
      })
  void onlyTheReaderKnowsTheRest(String rule) {
    String text = Samples.rule(rule);
    assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(text));
    assertEquals(Set.of(), VALIDATOR.validate(json(text)));
  }

  @Test
  void takesAFaultThatOnlySomeReadersTake() {
    String text = Samples.rule("to: [ { selector: a } ]") + "fault: { kind: lock, at: read }\n";
    assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(text));
    assertEquals(Set.of(), VALIDATOR.validate(json(text)));
    String wrong = text.replace("lock", "pick");
    assertInstanceOf(DocumentRead.Invalid.class, DocumentReader.read(wrong, true));
    assertTrue(!VALIDATOR.validate(json(wrong)).isEmpty(), "the schema takes it");
  }

  private static String said(String text) {
    return DocumentReader.read(text).toString();
  }

  private static JsonNode schemaJson() {
    try (InputStream in = DocumentReader.class.getResourceAsStream("virtual-service.schema.json")) {
      return new JsonMapper().readTree(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// As an editor reads the document: YAML 1.2's core schema.
  private static JsonNode json(String text) {
    return json(TreeReader.read(text, new Findings()));
  }

  private static JsonNode json(Tree tree) {
    return switch (tree) {
      case Tree.Scalar scalar -> scalar(scalar);
      case Tree.Sequence sequence -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        sequence.items().forEach(item -> array.add(json(item)));
        yield array;
      }
      case Tree.Mapping mapping -> {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        mapping.entries().forEach(entry -> object.set(entry.key().text(), json(entry.value())));
        yield object;
      }
    };
  }

  private static JsonNode scalar(Tree.Scalar scalar) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    String text = scalar.text();
    if (scalar.isNull()) {
      return nodes.nullNode();
    }
    if (scalar.plain() && text.matches("[-+]?[0-9]+")) {
      return nodes.numberNode(Long.parseLong(text));
    }
    if (scalar.plain() && text.matches("[-+]?[0-9]*\\.[0-9]+")) {
      return nodes.numberNode(Double.parseDouble(text));
    }
    if (scalar.plain() && text.matches("true|false")) {
      return nodes.booleanNode(text.equals("true"));
    }
    return nodes.textNode(text);
  }
}
