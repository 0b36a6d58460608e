namespace Direct.Crash.Tests.Scenarios;

/// <summary>Specifies in which topics a failure may cause a <c>gap</c>, by <c>docs/internals/resume.md</c>.</summary>
internal enum AllowedGaps
{
    None,
    All,
}
