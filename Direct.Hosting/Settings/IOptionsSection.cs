using Microsoft.Extensions.Options;

namespace Direct.Settings;

/// <summary>An options class and its section of the configuration.</summary>
internal interface IOptionsSection
{
    string Name { get; }

    Type OptionsType { get; }

    /// <summary>Gets whether other programs have their own settings in the section, which this program does not know.</summary>
    bool IsShared { get; }

    /// <summary>Returns the bound and validated options; throws <see cref="OptionsValidationException"/>.</summary>
    object Resolve(IServiceProvider services);
}
