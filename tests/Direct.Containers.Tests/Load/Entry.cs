using System.Net;

namespace Direct.Containers.Tests.Load;

/// <summary>Represents the address and ports for browsers and backends: those of the load balancer, or of one gateway.</summary>
internal sealed record Entry(IPAddress Address, int WebSockets, int Signals);
