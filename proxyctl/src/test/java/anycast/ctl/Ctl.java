package anycast.ctl;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/// One run of the tool, in this process.
record Ctl(int exit, String out, String err) {
  static Ctl run(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Ctl(line.execute(texts), out.toString(), err.toString());
  }

  /// With `--state place` at its end.
  static Ctl at(URI place, Object... arguments) {
    List<Object> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--state", place));
    return run(line.toArray());
  }
}
