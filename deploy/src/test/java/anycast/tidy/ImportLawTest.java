package anycast.tidy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who may import whom. The reasons: modules are learned from the bottom up; the table can be
/// tested, and moved, without a network; and what decides cannot reach what does.
final class ImportLawTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("test-classes"))
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("anycast");

  @Test
  void readsTheProductsClasses() {
    assertTrue(CLASSES.contain("anycast.routing.table.RoutingSnapshot"));
    assertTrue(CLASSES.contain("anycast.backhaul.exchange.Exchange"));
  }

  @Test
  void modulesImportDownwardsOnly() {
    never("anycast.routing..", "anycast.backhaul..", "anycast.edge..", "anycast.ctl..");
    never("anycast.backhaul..", "anycast.edge..", "anycast.ctl..");
    never("anycast.edge..", "anycast.ctl..");
    never("anycast.ctl..", "anycast.edge..");
    for (String module : List.of("routing", "backhaul", "edge", "ctl")) {
      never("anycast." + module + "..", "anycast.load..", "anycast.demo..");
    }
  }

  @Test
  void theRoutingTableKnowsNoNetwork() {
    never("anycast.routing..", "io.netty..");
  }

  @Test
  void theModelKnowsNothing() {
    only("anycast.routing.model..", "java..");
    only("anycast.routing.model.rule", "anycast.routing.model", "java..");
    only("anycast.routing.time..", "java..");
  }

  @Test
  void deciderPackagesKnowOnlyTheModel() {
    String[] table = {
      "anycast.routing.model", "anycast.routing.model.rule", "anycast.routing.time", "java.."
    };
    only("anycast.routing.pick", table);
    only("anycast.routing.virtual", table);
    only(
        "anycast.routing.table",
        plus(table, "anycast.routing.pick", "anycast.routing.virtual", "anycast.routing.poison"));
    only(
        "anycast.routing.review",
        plus(table, "anycast.routing.pick", "anycast.routing.virtual", "anycast.routing.table"));
  }

  @Test
  void builtInFaultsKnowOnlyTheirNames() {
    only("anycast.routing.poison", "anycast.routing.model.rule", "java..");
  }

  @Test
  void documentsKnowOnlyWhatTheySay() {
    String[] rules = {"anycast.routing.model", "anycast.routing.model.rule", "java.."};
    // virtual: a rule's path must be canonical, which is said in one place
    only(
        "anycast.routing.document",
        plus(rules, "anycast.routing.virtual", "anycast.routing.poison", "org.yaml.snakeyaml.."));
  }

  @Test
  void nothingBelowTheFeedKnowsTheFeed() {
    for (String decider : List.of("model", "time", "table", "pick", "virtual", "document")) {
      never("anycast.routing." + decider, "anycast.routing.feed..", "anycast.routing.admission..");
    }
  }

  @Test
  void onlyItsOwnSourceKnowsAClientLibrary() {
    noneOutside("anycast.routing.feed.sqlite..", "org.sqlite..", "java.sql..");
    noneOutside("anycast.routing.feed..", "java.net.http..");
    noneOutside("anycast.routing.feed.nats..", "io.nats..");
  }

  @Test
  void theOperatorsToolDoesNotRunTheDataPath() {
    never(
        "anycast.ctl..",
        "anycast.backhaul.exchange..",
        "anycast.backhaul.h1..",
        "anycast.backhaul.h2..",
        "anycast.backhaul.link..",
        "anycast.backhaul.wire..",
        "anycast.backhaul.worker..");
    never("anycast.ctl.supervise", "anycast.ctl");
    only("anycast.backhaul.posix", "java..");
  }

  @Test
  void headsAndFaultsStandAlone() {
    String[] engine = {
      "anycast.backhaul.h1..",
      "anycast.backhaul.h2..",
      "anycast.backhaul.link..",
      "anycast.backhaul.worker..",
      "anycast.backhaul.exchange..",
      "anycast.backhaul.runtime.."
    };
    never("anycast.backhaul.head..", engine);
    never("anycast.backhaul.fault..", engine);
  }

  @Test
  void wireFormatsKnowOnlyWhatTheyCarry() {
    String[] netty = {"java..", "io.netty.."};
    only("anycast.backhaul.fault", "java..");
    only("anycast.backhaul.head", netty);
    only("anycast.backhaul.h1", plus(netty, "anycast.backhaul.head", "anycast.backhaul.fault"));
    only("anycast.backhaul.h2", plus(netty, "anycast.backhaul.head", "anycast.routing.time"));
    only(
        "anycast.backhaul.wire",
        plus(netty, "anycast.backhaul.head", "anycast.backhaul.exchange", "anycast.routing.model"));
  }

  @Test
  void whatEveryProcessNeedsKnowsNoDataPath() {
    String[] path = {
      "anycast.backhaul.head..",
      "anycast.backhaul.h1..",
      "anycast.backhaul.h2..",
      "anycast.backhaul.exchange..",
      "anycast.backhaul.wire..",
      "anycast.backhaul.link..",
      "anycast.backhaul.worker.."
    };
    never("anycast.backhaul.runtime", plus(path, "anycast.backhaul.identity"));
    never("anycast.backhaul.identity", plus(path, "anycast.backhaul.fault"));
  }

  @Test
  void theEdgeIsLayeredToo() {
    String[] above = {"anycast.edge", "anycast.edge.listener", "anycast.edge.request"};
    never("anycast.edge.tls", plus(above, "anycast.edge.protocol"));
    never("anycast.edge.protocol", plus(above, "anycast.edge.tls"));
    never("anycast.edge.protocol", "anycast.routing.table", "anycast.routing.pick");
    never("anycast.edge.request", "anycast.edge", "anycast.edge.listener");
    never("anycast.edge.listener", "anycast.edge", "anycast.routing.table");
  }

  @Test
  void theEngineKnowsNeitherProtocolNorAssembly() {
    never(
        "anycast.backhaul.exchange..",
        "anycast.backhaul.h1..",
        "anycast.backhaul.h2..",
        "anycast.backhaul.link..",
        "anycast.backhaul.wire..",
        "anycast.backhaul.worker..");
  }

  @Test
  void protocolsDoNotKnowWhoUsesThem() {
    for (String protocol : List.of("anycast.backhaul.h1..", "anycast.backhaul.h2..")) {
      never(
          protocol,
          "anycast.backhaul.link..",
          "anycast.backhaul.worker..",
          "anycast.backhaul.wire..");
    }
    never("anycast.backhaul.link..", "anycast.backhaul.worker..");
  }

  @Test
  void theLawIsAbleToFail() {
    ArchRule wrong =
        noClasses()
            .that()
            .resideInAPackage("anycast.routing.table")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("anycast.routing.model");
    assertThrows(AssertionError.class, () -> wrong.check(CLASSES));
  }

  private static void never(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /// `from` imports itself and `to`, and nothing else.
  private static void only(String from, String... to) {
    classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(plus(to, from))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static void noneOutside(String inside, String... to) {
    DescribedPredicate<JavaClass> outside =
        JavaClass.Predicates.resideOutsideOfPackages(inside, "anycast.demo..", "anycast.load..");
    noClasses().that(outside).should().dependOnClassesThat().resideInAnyPackage(to).check(CLASSES);
  }

  private static String[] plus(String[] some, String... more) {
    String[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }
}
