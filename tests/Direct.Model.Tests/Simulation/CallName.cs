using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Direct.Model.Tests.Simulation;

/// <summary>Represents what a call is named in the trace. It is built only if there is a trace.</summary>
[InterpolatedStringHandler]
internal readonly struct CallName
{
    [ThreadStatic]
    private static bool _isWanted;

    private readonly StringBuilder? _text;

    public CallName(int literalLength, int formattedCount, out bool isWanted)
    {
        isWanted = _isWanted;
        _text = isWanted ? new StringBuilder(literalLength + (formattedCount * 8)) : null;
    }

    /// <summary>Sets whether names are built in this thread from now on.</summary>
    public static void Want(bool isWanted) => _isWanted = isWanted;

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

    public override string ToString() => _text?.ToString() ?? "";
}
