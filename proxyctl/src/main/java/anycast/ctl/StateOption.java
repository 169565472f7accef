package anycast.ctl;

import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The state that a command changes.
final class StateOption {
  @Option(
      names = "--state",
      paramLabel = "PLACE",
      defaultValue = "${env:PROXYCTL_STATE}",
      description = {
        "The state: http://host:port of a store or agent, nats://host:port.",
        "Else $$PROXYCTL_STATE."
      })
  private String state;

  @Mixin private PlaceOptions options;

  Ledger open() throws IOException, CtlFault, InterruptedException {
    if (state == null || state.isEmpty()) {
      throw new CtlFault(
          "which state? --state http://host:port or nats://host:port, or $PROXYCTL_STATE;"
              + " `proxyctl state` of a proxy says which it follows");
    }
    if (PlaceOptions.isStore(state)) {
      return new StoreLedger(PlaceOptions.uri(state), options.token());
    }
    if (PlaceOptions.isNats(state)) {
      return new BucketLedger(options.nats(PlaceOptions.uri(state)));
    }
    throw new CtlFault(state + " is neither http://host:port nor nats://host:port");
  }
}
