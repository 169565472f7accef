package anycast.routing.document;

import anycast.routing.model.RegionCode;
import anycast.routing.model.ServicePolicy.Retry;
import anycast.routing.model.rule.Action;
import anycast.routing.model.rule.LabelSelector;
import anycast.routing.model.rule.Mirror;
import anycast.routing.model.rule.Rewrite;
import anycast.routing.model.rule.SelectorRead;
import anycast.routing.model.rule.Target;
import anycast.routing.model.rule.Terms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Where the requests of a rule go, and on what terms.
final class ForwardReading {
  /// The weight of an instance that says none, too.
  static final int USUAL_WEIGHT = 100;

  /// Shares are drawn among them for each request.
  private static final int MAX_TARGETS = 32;

  /// Each is asked in turn while the client waits.
  private static final int MAX_FALLBACKS = 8;

  private static final int MAX_REGIONS = 64;

  /// An hour: longer is a connection, not a request.
  private static final int MAX_TIMEOUT_SECONDS = 3_600;

  /// Clients and the proxies before them give up after some minutes.
  private static final int MAX_WAIT_SECONDS = 300;

  /// As many as a plan has, and as a service may say.
  private static final int MAX_ATTEMPTS = 8;

  private static final int MAX_RETRIES_PER_SECOND = 10_000;
  private static final int MAX_STATUSES = 32;

  private ForwardReading() {}

  /// @param prefix whether the rule matches its path by prefix
  static Action.Forward forward(Block rule, boolean prefix) {
    Block headers =
        rule.has("headers")
            ? rule.value("headers").block(Shape.HEADERS, "`request:` or `response:`")
            : null;
    return new Action.Forward(
        targets(rule.value("to")),
        fallback(rule.value("fallback")),
        rule.has("rewrite") ? rewrite(rule.value("rewrite"), prefix) : null,
        HeaderReading.edits(headers == null ? null : headers.value("request")),
        HeaderReading.edits(headers == null ? null : headers.value("response")),
        terms(rule),
        rule.has("mirror") ? mirror(rule.value("mirror")) : null);
  }

  private static List<Target> targets(Value value) {
    List<Target> targets = new ArrayList<>();
    if (value == null) {
      return targets;
    }
    List<Value> items = value.list(MAX_TARGETS, "targets");
    DocumentReader.noneIsWrong(value, items, "target");
    boolean zeros = true;
    for (Value item : items) {
      Block target = item.block(Shape.TARGET, "a target such as { selector: \"app=shop\" }");
      int weight =
          target.has("weight") ? target.value("weight").number(0, Texts.MILLION) : USUAL_WEIGHT;
      // one that is no number is told as that alone
      zeros &= weight == 0 && target.value("weight").isNumber();
      targets.add(target(target, weight));
    }
    if (!targets.isEmpty() && zeros) {
      value.problem("has no target with a weight above 0");
    }
    return targets;
  }

  private static List<Target> fallback(Value value) {
    List<Target> targets = new ArrayList<>();
    if (value == null) {
      return targets;
    }
    List<Value> items = value.list(MAX_FALLBACKS, "targets");
    DocumentReader.noneIsWrong(value, items, "target");
    for (Value item : items) {
      targets.add(withoutWeight(item));
    }
    return targets;
  }

  /// One that shares with no other.
  private static Target withoutWeight(Value value) {
    Block target = value.block(Shape.FALLBACK, "a target such as { selector: \"app=shop\" }");
    return target(target, USUAL_WEIGHT);
  }

  private static Target target(Block target, int weight) {
    LabelSelector selector = LabelSelector.ALL;
    if (target.has("selector")) {
      selector = selector(target.value("selector"));
    } else if (target.place().isMapping()) {
      target.problem("wants `selector:`; write selector: \"*\" for every instance");
    }
    if (target.has("regions")) {
      selector = selector.and(regions(target.value("regions")));
    }
    String contradiction = selector.contradiction();
    if (!contradiction.isEmpty()) {
      target.warning("matches nothing: " + contradiction);
    }
    int port = target.has("port") ? target.value("port").number(1, Texts.MAX_PORT) : 0;
    return new Target(selector, port, weight);
  }

  private static LabelSelector selector(Value value) {
    String text = value.text("a label selector such as \"app=shop, tier in (gold,silver)\"");
    if (text.isEmpty() && !value.isEmptyText()) {
      return LabelSelector.ALL;
    }
    return switch (LabelSelector.read(text)) {
      case SelectorRead.Valid(LabelSelector selector) -> selector;
      case SelectorRead.Invalid(int column, String problem) -> {
        value.problem("at character " + column + " of the selector: " + Value.shown(problem, 300));
        yield LabelSelector.ALL;
      }
    };
  }

  private static LabelSelector.Requirement regions(Value value) {
    Set<String> regions = new HashSet<>();
    List<Value> items = value.list(MAX_REGIONS, "regions");
    DocumentReader.noneIsWrong(value, items, "region");
    for (Value item : items) {
      String text = item.text("a region's code");
      try {
        regions.add(new RegionCode(text).code());
      } catch (IllegalArgumentException e) {
        item.problem("wants a region's code, not " + item.kind());
      }
    }
    return new LabelSelector.Requirement.In("region", regions);
  }

  private static Rewrite rewrite(Value value, boolean prefix) {
    Block rewrite = value.block(Shape.REWRITE, "`prefix:` or `host:`");
    if (value.isMapping() && !rewrite.has("prefix") && !rewrite.has("host")) {
      value.problem("wants `prefix:` or `host:`");
    }
    if (rewrite.has("prefix") && !prefix) {
      rewrite.value("prefix").problem("wants a rule that matches a path by prefix");
    }
    return new Rewrite(
        rewrite.has("prefix") ? Paths.prefix(rewrite.value("prefix"), false) : "",
        rewrite.has("host") ? Texts.host(rewrite.value("host"), false) : "");
  }

  private static Terms terms(Block rule) {
    long timeout =
        rule.has("timeout") ? Texts.duration(rule.value("timeout"), MAX_TIMEOUT_SECONDS) : 0;
    long wait = rule.has("wait") ? Texts.duration(rule.value("wait"), MAX_WAIT_SECONDS) : 0;
    Retry retry = rule.has("retry") ? retry(rule.value("retry")) : null;
    if (timeout > 0 && retry != null && retry.perTryNanos() > timeout) {
      rule.value("retry").warning("has a per_try longer than the rule's timeout");
    }
    return new Terms(timeout, wait, retry);
  }

  /// What is left out is as services have it that say nothing.
  private static Retry retry(Value value) {
    Block retry = value.block(Shape.RETRY, "a mapping such as { attempts: 3 }");
    Retry usual = Retry.USUAL;
    return new Retry(
        retry.has("attempts") ? retry.value("attempts").number(1, MAX_ATTEMPTS) : usual.attempts(),
        retry.has("per_try")
            ? Texts.duration(retry.value("per_try"), MAX_TIMEOUT_SECONDS)
            : usual.perTryNanos(),
        retry.has("budget") ? percent(retry.value("budget")) : usual.budgetPercent(),
        retry.has("per_second")
            ? retry.value("per_second").number(0, MAX_RETRIES_PER_SECOND)
            : usual.budgetPerSecond(),
        retry.has("statuses") ? statuses(retry.value("statuses")) : usual.statuses());
  }

  private static int percent(Value value) {
    int share = Texts.share(value);
    if (share % (Texts.MILLION / 100) != 0) {
      value.problem("wants whole percents");
    }
    return share / (Texts.MILLION / 100);
  }

  private static List<Integer> statuses(Value value) {
    return value.list(MAX_STATUSES, "statuses").stream()
        .map(item -> item.number(400, 599))
        .distinct()
        .sorted()
        .toList();
  }

  private static Mirror mirror(Value value) {
    Block mirror = value.block(Shape.MIRROR, "a mapping such as { to: { selector: ... } }");
    if (!mirror.has("to") && value.isMapping()) {
      value.problem("wants `to:` with a selector");
    }
    Target to =
        mirror.has("to")
            ? withoutWeight(mirror.value("to"))
            : new Target(LabelSelector.ALL, 0, USUAL_WEIGHT);
    return new Mirror(to, mirror.has("share") ? Texts.share(mirror.value("share")) : Texts.MILLION);
  }
}
