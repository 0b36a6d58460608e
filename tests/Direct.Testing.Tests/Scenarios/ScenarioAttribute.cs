using System.Runtime.CompilerServices;
using Xunit.v3;

namespace Direct.Testing.Tests.Scenarios;

/// <summary>Marks a test that fails on purpose. It exists only in a process that <see cref="ScenarioRun"/> starts for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(ScenarioDiscoverer))]
public sealed class ScenarioAttribute(string name, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber)
{
    public string Name { get; } = name;
}
