using Microsoft.Extensions.Options;

namespace Direct.Settings;

/// <summary>Represents an options class and its section of the configuration.</summary>
internal interface IOptionsSection
{
    string Name { get; }

    Type OptionsType { get; }

    /// <summary>Gets whether other programs have settings in the section that this program does not know.</summary>
    bool IsShared { get; }

    /// <summary>Returns the bound and validated options; throws <see cref="OptionsValidationException"/>.</summary>
    object Resolve(IServiceProvider services);
}
