using System.IO.Pipelines;

namespace Direct.Edge.Transport;

/// <summary>Two pipes as one connection.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
