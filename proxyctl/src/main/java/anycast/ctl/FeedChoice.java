package anycast.ctl;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which feeds a command is about: all, unless a table or a source is named.
final class FeedChoice {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TABLE",
      defaultValue = "",
      description = "Only one table.")
  private String table = "";

  @Option(
      names = "--source",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only one source.")
  private String source = "";

  Map<String, String> query() {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("table", table);
    query.put("source", source);
    return query;
  }
}
