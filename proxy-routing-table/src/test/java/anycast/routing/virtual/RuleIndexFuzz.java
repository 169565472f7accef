package anycast.routing.virtual;

import static org.junit.jupiter.api.Assertions.assertSame;

import anycast.routing.document.DocumentRead;
import anycast.routing.document.DocumentReader;
import anycast.routing.model.rule.Rule;
import anycast.routing.model.rule.RuleSet;
import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Documents, compiled, and requests: the index finds what trying every rule finds.
///
/// An input is lines of requests, `METHOD path name=value ...`, an empty line, and a document. Each
/// name and value is a header, a cookie and a query parameter, and says the port where it is one.
public final class RuleIndexFuzz {
  @DictionaryFile(resourcePath = "/anycast/routing/document/document.dict")
  @FuzzTest(maxDuration = "20s")
  void fuzz(byte[] bytes) {
    check(new String(bytes, StandardCharsets.UTF_8));
  }

  public static void check(String text) {
    int split = text.indexOf("\n\n");
    if (split < 0
        || !(DocumentReader.read(text.substring(split + 2))
            instanceof DocumentRead.Valid(RuleSet rules, _))) {
      return;
    }
    List<CompiledRule> compiled = new ArrayList<>();
    for (Rule rule : rules.rules()) {
      compiled.add(new CompiledRule("fuzz", rule, new int[0], new int[0], -1));
    }
    RuleIndex index = RuleIndex.of(compiled);
    for (String line : text.substring(0, split).split("\n")) {
      AskedRequest request = request(line);
      assertSame(NaiveRules.match(compiled, request), index.match(request), request::toString);
    }
    // each rule's own path, too: those are where something is
    for (Rule rule : rules.rules()) {
      AskedRequest request = AskedRequest.of(rule.match().path().text());
      assertSame(NaiveRules.match(compiled, request), index.match(request), request::toString);
    }
  }

  private static AskedRequest request(String line) {
    String[] words = line.split(" ");
    List<AskedRequest.Named> named = new ArrayList<>();
    int port = 443;
    for (int i = 2; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals > 0) {
        named.add(
            new AskedRequest.Named(words[i].substring(0, equals), words[i].substring(equals + 1)));
      } else if (words[i].matches("[0-9]{1,4}")) {
        port = Integer.parseInt(words[i]);
      }
    }
    String path = words.length > 1 && words[1].startsWith("/") ? words[1] : "/";
    return AskedRequest.of(words.length == 0 ? "" : words[0], path, port, named, named, named);
  }
}
