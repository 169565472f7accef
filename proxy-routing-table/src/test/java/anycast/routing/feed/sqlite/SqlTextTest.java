package anycast.routing.feed.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class SqlTextTest {
  private static String expanded(String json) throws Exception {
    return SqlStatement.of(new ObjectMapper().readTree(json)).expanded();
  }

  @Test
  void writesValuesIntoTheTextButNotIntoStringsAndComments() throws Exception {
    assertEquals(
        "SELECT '?' /* ? */ , 'it''s', X'01ff', NULL, 7",
        expanded("[\"SELECT '?' /* ? */ , ?, ?, ?, ?\", [\"it's\", [1, 255], null, 7]]"));
    assertEquals(
        "SELECT 2, 1, 1", expanded("[\"SELECT ?2, ?1, :x\", {\"?1\": 1, \"?2\": 2, \":x\": 1}]"));
  }

  @Test
  void refusesSeveralStatementsAndOpenQuotes() {
    for (String sql : List.of("", " -- only a comment", "SELECT 1; SELECT 2", "SELECT 'x", ";")) {
      assertThrows(IllegalArgumentException.class, () -> new SqlText(sql), sql);
    }
    assertEquals(2, new SqlText("SELECT 1 ;; -- end").tokens().size());
  }

  @Property(tries = 1_000)
  void cutsAnyTextWithoutLosingPlaces(@ForAll String text) {
    SqlText cut;
    try {
      cut = new SqlText(text);
    } catch (IllegalArgumentException e) {
      return;
    }
    int last = 0;
    for (SqlText.Token token : cut.tokens()) {
      assertEquals(token.text(), text.substring(token.start(), token.end()));
      assertEquals(true, token.start() >= last);
      last = token.end();
    }
  }
}
