namespace Direct.Silo.Tests.Local;

/// <summary>Whole clusters: they build, take ports of their own and all processors, so nothing runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
