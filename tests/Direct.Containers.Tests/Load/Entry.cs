using System.Net;

namespace Direct.Containers.Tests.Load;

/// <summary>Where browsers and backends come in: the balancer, or one gateway.</summary>
internal sealed record Entry(IPAddress Address, int WebSockets, int Signals);
