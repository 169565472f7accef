package anycast.backhaul.worker;

import anycast.routing.model.Instance;
import anycast.routing.model.InstanceId;
import anycast.routing.model.Service.AppProtocol;
import anycast.routing.pick.Candidate;

/// Where an app is reached: what connections of a pool have in common.
record AppTarget(InstanceId instance, String host, int port, AppProtocol protocol) {
  static AppTarget of(Candidate candidate) {
    Instance instance = candidate.instance();
    int port = instance.port() == 0 ? candidate.service().internalPort() : instance.port();
    return new AppTarget(instance.id(), instance.address(), port, candidate.service().protocol());
  }
}
