namespace Direct.Fuzz.Targets;

/// <summary>Lists all targets by their names.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new FrameTarget(), ConnectionTarget.Original(), ConnectionTarget.Direct2(), new LineTarget(), new HandshakeTarget(), new RequestLineTarget(), new QueryTarget(),
        new BatchTarget(),
    ];

    public static IFuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
