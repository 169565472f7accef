package anycast.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Each rule names the files that break it, and the reason that it has.
final class TidyTest {
  private static final int FILE_LINES = 400;
  private static final int METHOD_LINES = 60;
  private static final int CONSTRUCTOR_PARAMETERS = 6;

  private static final Pattern TYPE =
      Pattern.compile("\\b(?:class|interface|enum|record|@interface)\\s+([A-Z]\\w*)");

  private static final Set<String> BANNED_WORDS =
      Set.of(
          "Manager",
          "Context",
          "Util",
          "Utils",
          "Helper",
          "Impl",
          "Base",
          "Abstract",
          "Default",
          "Common",
          "Data",
          "Info",
          "Wrapper",
          "Processor");

  /// Packages whose code runs on event loops, or is called from there.
  private static final List<String> LOOP_PACKAGES =
      List.of(
          "anycast.backhaul.exchange",
          "anycast.backhaul.fault",
          "anycast.backhaul.h1",
          "anycast.backhaul.h2",
          "anycast.backhaul.head",
          "anycast.backhaul.link",
          "anycast.backhaul.wire",
          "anycast.edge.listener",
          "anycast.edge.protocol",
          "anycast.edge.request",
          "anycast.edge.tls",
          "anycast.routing.model",
          "anycast.routing.pick",
          "anycast.routing.table",
          "anycast.routing.virtual");

  @Test
  void typeNamesSayWhatTheThingIs() {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      Matcher type = TYPE.matcher(source.code());
      while (type.find()) {
        for (String word : type.group(1).split("(?=[A-Z])")) {
          if (BANNED_WORDS.contains(word)) {
            broken.add(source.path() + ": " + type.group(1));
          }
        }
      }
    }
    none(broken, "these words fit everything and so say nothing; name what the type holds or does");
  }

  @Test
  void noMethodStartsWithGet() {
    Pattern getter =
        Pattern.compile("\\b[\\w<>\\[\\],.?]+\\s+get[A-Z]\\w*\\s*\\([^;{]*\\)[^;{]*\\{");
    broken(
        main().and(source -> !overrides(source, getter)),
        getter,
        "a value is named by what it is: `region()`, not `getRegion()`");
  }

  /// Netty's and the JDK's own interfaces have their names.
  private static boolean overrides(Sources.Source source, Pattern method) {
    Matcher found = method.matcher(source.code());
    while (found.find()) {
      String before = source.code().substring(Math.max(0, found.start() - 60), found.start());
      if (!before.contains("@Override")) {
        return false;
      }
    }
    return true;
  }

  @Test
  void filesFitASitting() {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (source.isMain() && source.lines().size() > FILE_LINES) {
        broken.add(source.path() + ": " + source.lines().size() + " lines");
      }
    }
    none(broken, "a file of more than " + FILE_LINES + " lines has more than one subject");
  }

  @Test
  void constructorsTakeSixParametersAtMost() {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (source.isMain()) {
        for (String type : classes(source.code())) {
          Matcher found = constructorOf(type).matcher(source.code());
          while (found.find()) {
            int count = parameters(found.group(1));
            if (count > CONSTRUCTOR_PARAMETERS) {
              broken.add(source.path() + ": " + type + " takes " + count + " parameters");
            }
          }
        }
      }
    }
    none(broken, "what belongs together is a record of its own");
  }

  /// Not enums: the constructor of one is the head of a table, which has as many columns as there
  /// are.
  private static Set<String> classes(String code) {
    Set<String> names = new TreeSet<>();
    Matcher type = Pattern.compile("\\bclass\\s+([A-Z]\\w*)").matcher(code);
    while (type.find()) {
      names.add(type.group(1));
    }
    return names;
  }

  private static Pattern constructorOf(String type) {
    return Pattern.compile(
        "\\n +(?:public |private |protected )?" + type + "\\(([^)]*)\\)\\s*(?:throws[^{]*)?\\{");
  }

  private static int parameters(String list) {
    String flat = list.replaceAll("<[^<>]*(<[^<>]*>)*[^<>]*>", "").strip();
    return flat.isEmpty() ? 0 : flat.split(",").length;
  }

  @Test
  void methodsFitAScreen() {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (source.isMain()) {
        for (Sources.Block block : source.blocks()) {
          if (!block.isType() && block.lines() > METHOD_LINES) {
            broken.add(source.path() + ": " + block.head() + ": " + block.lines() + " lines");
          }
        }
      }
    }
    none(broken, "a method of more than " + METHOD_LINES + " lines does more than its name says");
  }

  @Test
  void everyCounterIsRaisedAndEveryFaultIsToldBySomebody() {
    List<String> broken = new ArrayList<>();
    for (String table : List.of("Counter", "FaultKind")) {
      String code = source(table + ".java").code();
      StringBuilder others = new StringBuilder();
      for (Sources.Source source : Sources.java()) {
        if (source.isMain() && !source.path().endsWith(table + ".java")) {
          others.append(source.code());
        }
      }
      Matcher constant = Pattern.compile("\\n {2}([A-Z][A-Z0-9_]+)\\(").matcher(code);
      int count = 0;
      while (constant.find()) {
        count++;
        if (!Pattern.compile("\\b" + constant.group(1) + "\\b").matcher(others).find()) {
          broken.add(table + "." + constant.group(1));
        }
      }
      assertTrue(count > 20, table + " was not read");
    }
    none(broken, "who reads a metric that nothing raises believes that all is well");
  }

  private static Sources.Source source(String name) {
    return Sources.java().stream()
        .filter(source -> source.path().endsWith(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void textsNameNoDocumentThatIsElsewhere() {
    Pattern elsewhere =
        Pattern.compile(
            "\\b(?:STYLE|ARCHITECTURE|performance|platform|fly-behaviour|corrosion-protocol)"
                + "(?:\\.md\\b| §| [0-9])");
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.texts()) {
      Matcher found = elsewhere.matcher(source.text());
      if (found.find()) {
        broken.add(source.path() + ": " + found.group());
      }
    }
    none(broken, "a reader has this repository and the RFCs");
  }

  @Test
  void nothingIsLeftForLater() {
    List<String> broken = new ArrayList<>();
    Pattern later = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    for (Sources.Source source : Sources.java()) {
      if (later.matcher(source.text()).find()) {
        broken.add(source.path().toString());
      }
    }
    none(broken, "what is to be done stands in an issue, where someone looks for it");
  }

  @Test
  void onlyTheTickerReadsTheClock() {
    broken(
        main()
            .and(source ->
                !source.packageName().equals("anycast.routing.time")
                    && !source.packageName().startsWith("anycast.load")),
        Pattern.compile(
            "System\\s*\\.\\s*(nanoTime|currentTimeMillis)\\b|\\b(Instant|LocalDateTime|ZonedDateTime)\\.now\\(\\)"),
        "time comes in as an argument, a Ticker or an InstantSource, so that tests own it");
  }

  @Test
  void testsDoNotSleep() {
    broken(
        source -> !source.isMain(),
        Pattern.compile("Thread\\s*\\.\\s*sleep\\(|TimeUnit\\.\\w+\\.sleep\\(|\\bparkNanos\\("),
        "a test waits for what it is about, with a deadline; a sleep is too long or too short");
  }

  @Test
  void nothingOnAnEventLoopLocks() {
    broken(
        main().and(source -> LOOP_PACKAGES.contains(source.packageName())),
        Pattern.compile(
            "\\bsynchronized\\b|\\bReentrantLock\\b|\\bReadWriteLock\\b|\\bStampedLock\\b|\\bSemaphore\\b|\\bThread\\.sleep\\(|\\.sync\\(\\)|\\.syncUninterruptibly\\(\\)|\\.await\\(\\)|\\.join\\(\\)"),
        "one waiting request would hold up all others of its loop");
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    Set<String> said = new HashSet<>();
    Set<String> packages = new TreeSet<>();
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (source.isMain()) {
        packages.add(source.packageName());
      }
      if (source.isPackageInfo() && source.isMain()) {
        said.add(source.packageName());
        if (!source.text().startsWith("///")) {
          broken.add(source.path() + ": no doc comment");
        }
        if (!source.text().contains("mport")) {
          broken.add(source.path() + ": says nothing of imports");
        }
      }
    }
    packages.removeAll(said);
    packages.forEach(name -> broken.add(name + ": no package-info.java"));
    none(
        broken,
        "a newcomer reads two sentences before the classes: what for, and what it may not import");
  }

  @Test
  void docCommentsAreMarkdown() {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (source.lines().stream().anyMatch(line -> line.strip().startsWith("/**"))) {
        broken.add(source.path().toString());
      }
    }
    none(broken, "one form of doc comment: `///` (JEP 467)");
  }

  @Test
  void catchesNeverSwallowSilently() {
    broken(
        main(),
        Pattern.compile("catch\\s*\\([^)]*\\)\\s*\\{\\s*\\}"),
        "say in the block why nothing is to be done, or name the exception `_` and say it above",
        Sources.Source::text);
  }

  @Test
  void decisionsAreOnePageAndSayWhatWasRefused() {
    List<String> broken = new ArrayList<>();
    Map<Path, Integer> last = new HashMap<>();
    for (Sources.Source source : Sources.decisions()) {
      String name = source.path().getFileName().toString();
      if (!name.matches("[0-9]{4}-[a-z0-9-]+\\.md")) {
        broken.add(source.path() + ": not named NNNN-words.md");
      }
      String number = "%04d".formatted(last.merge(source.path().getParent(), 1, Integer::sum));
      if (!name.startsWith(number + "-")) {
        broken.add(source.path() + ": " + number + " is next");
      }
      if (!source.text().startsWith("# " + number + " ")) {
        broken.add(source.path() + ": its title does not begin with its number");
      }
      if (!Pattern.compile("(?i)refus|instead of|not taken").matcher(source.text()).find()) {
        broken.add(source.path() + ": says nothing of what was refused");
      }
      if (source.lines().size() > 80) {
        broken.add(source.path() + ": longer than a page");
      }
    }
    none(broken, "a decision is one page with the next number");
  }

  @Test
  void theTopLevelHoldsNothingElse() throws IOException {
    Set<String> allowed = new HashSet<>(Sources.MODULES);
    allowed.addAll(Set.of("README.md", "pom.xml"));
    try (Stream<Path> top = Files.list(Sources.ROOT)) {
      List<String> others =
          top.map(path -> path.getFileName().toString())
              .filter(name -> !name.startsWith(".") && !allowed.contains(name))
              .toList();
      none(others, "the folder tree is the architecture");
    }
  }

  @Test
  void theRulesFindWhatTheyAreFor() {
    var bad =
        new Sources.Source(
            Path.of("proxy-edge/src/main/java/anycast/edge/request/X.java"),
            "class ThingManager { // synchronized\n"
                + "  int getRegion() { synchronized (this) { } } }");
    assertEquals(1, Pattern.compile("\\bsynchronized\\b").matcher(bad.code()).results().count());
    assertEquals("anycast.edge.request", bad.packageName());
    Matcher type = TYPE.matcher(bad.code());
    assertEquals(true, type.find());
    assertEquals("ThingManager", type.group(1));
    assertEquals(
        7, parameters("int a, Map<String, List<Long>> b, int c, int d, int e, int f, int g"));
    var blocks =
        new Sources.Source(
                bad.path(), "class X {\n  void x(char c) {\n    c = '{';\n  }\n}\n// { in prose\n")
            .blocks();
    assertEquals(
        List.of(new Sources.Block("void x(char c)", 3), new Sources.Block("class X", 5)), blocks);
    assertFalse(Sources.java().isEmpty());
  }

  private static Predicate<Sources.Source> main() {
    return Sources.Source::isMain;
  }

  private static void broken(Predicate<Sources.Source> where, Pattern banned, String reason) {
    broken(where, banned, reason, Sources.Source::code);
  }

  private static void broken(
      Predicate<Sources.Source> where,
      Pattern banned,
      String reason,
      java.util.function.Function<Sources.Source, String> part) {
    List<String> broken = new ArrayList<>();
    for (Sources.Source source : Sources.java()) {
      if (where.test(source)) {
        Matcher found = banned.matcher(part.apply(source));
        if (found.find()) {
          broken.add(source.path() + ": " + found.group().strip());
        }
      }
    }
    none(broken, reason);
  }

  private static void none(List<String> broken, String reason) {
    assertEquals(List.of(), broken, () -> reason + "\n  " + String.join("\n  ", broken));
  }
}
