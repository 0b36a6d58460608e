using System.IO.Pipelines;

namespace Direct.Edge.Transport;

/// <summary>Combines two pipes into one connection.</summary>
internal sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
